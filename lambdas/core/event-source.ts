/** EventBridge `source` of every event. */
export const EVENT_SOURCE = 'perennial';
