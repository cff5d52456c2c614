/** EventBridge `source` of every event. */
export const EVENT_SOURCE = 'perennial';

/** Number of the shapes of events; `docs/events/` has them. */
export const EVENT_SCHEMA = 1;
