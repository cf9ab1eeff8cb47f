/** The names under which a window and the main process talk to each other. */
export const REQUEST = "nanami:request";
export const SUBSCRIBE = "nanami:subscribe";
export const UNSUBSCRIBE = "nanami:unsubscribe";
export const UPDATE = "nanami:update";
