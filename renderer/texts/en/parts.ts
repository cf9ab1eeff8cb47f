export const parts = {
  messages: "Messages",
  undo: "Undo",
  closeMessage: "Close message",
  dismiss: "Close",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "It could not be copied. Select it and copy it by hand.",
  cancel: "Cancel",
};
