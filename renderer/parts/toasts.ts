/** Short messages that say what was just done, each with its way back for ten seconds. Callable from anywhere. */
import { create } from "zustand";

/** How long a message stays, and with it the way back; milliseconds. */
export const TOAST_MS = 10_000;
/** Most that stand at a time; the oldest makes room. */
const MOST = 3;

interface Message {
  /** What was done, as a sentence. */
  readonly text: string;
  /** Puts back what was there before. Closed after that. */
  readonly undo?: () => void | Promise<void>;
}

export interface Toast extends Message {
  readonly id: number;
}

let last = 0;

export const useToasts = create<{ readonly toasts: readonly Toast[] }>(() => ({ toasts: [] }));

/** Shows a message. Returns what takes it away. */
export function notify(message: Message): () => void {
  last += 1;
  const id = last;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { ...message, id }].slice(-MOST) }));
  return () => dismissToast(id);
}

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
