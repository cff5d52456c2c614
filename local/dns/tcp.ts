import type { Socket } from 'node:net';

/** RFC 7766 section 6.2.3: idle connections are closed after seconds, not minutes. */
const IDLE_MS = 10_000;
/** RFC 1035 section 4.2.2: each message is preceded by its length. */
const LENGTH_BYTES = 2;

/** DNS over TCP: any number of messages on each connection, however the bytes arrive. */
export class TcpConnections {
  readonly #open = new Set<Socket>();
  readonly #serve: (message: Buffer) => Buffer | undefined;

  constructor(serve: (message: Buffer) => Buffer | undefined) {
    this.#serve = serve;
  }

  take(socket: Socket): void {
    let received: Buffer = Buffer.alloc(0);
    this.#open.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
    // A client that resets its connection is no concern of the server; `close` follows.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received = this.#answerWhole(socket, Buffer.concat([received, chunk]));
    });
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Answers the messages that are complete and returns the rest. */
  #answerWhole(socket: Socket, bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length >= LENGTH_BYTES && rest.length >= LENGTH_BYTES + rest.readUInt16BE(0)) {
      const end = LENGTH_BYTES + rest.readUInt16BE(0);
      const response = this.#serve(rest.subarray(LENGTH_BYTES, end));
      if (response) socket.write(withLength(response));
      rest = rest.subarray(end);
    }
    return rest;
  }
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
