export const parts = {
  messages: "Messages",
  undo: "Undo",
  closeMessage: "Close message",
  dismiss: "Close",
  copy: "Copy",
  copied: "Copied.",
  cancel: "Cancel",
  loading: "Loading…",
};
