/** A setting that the stack gives every Lambda that needs it. Throws where it is missing. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`the environment variable ${name} is missing: deploy the stack again`);
  return value;
}

/** An optional setting in JSON. Throws where it cannot be parsed. */
export function jsonEnv(name: string): unknown {
  const value = process.env[name];
  if (value === undefined || value === '') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`the environment variable ${name} is not JSON: ${value.slice(0, 100)}`);
  }
}
