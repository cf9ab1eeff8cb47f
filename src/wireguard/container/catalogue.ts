/** Findings about what a configuration came in: an archive, an image, or something else. Part of the one catalogue. */
import type { CatalogueEntry } from "../config/catalogue.ts";

export const container = {
  input_empty: {
    severity: "error",
    title: "There is nothing in the file",
    why: "An empty file asks for nothing.",
    remedy: "Check that this is the right file.",
  },
  input_too_large: {
    severity: "error",
    title: "The file is larger than 5 MiB",
    why: "No configuration, archive of configurations or image of a QR code needs that; reading more would keep this machine busy.",
    remedy: "Check that this is the right file; crop an image to the QR code.",
  },
  format_unknown: {
    severity: "error",
    title: "The file is neither text, nor a zip archive, nor a PNG or JPEG image",
    why: "Nothing is guessed from a file's name, only from what it begins with.",
    remedy: "Hand in the .conf file itself, a .zip of such files, or a PNG or JPEG image of a QR code.",
  },
  text_utf16: {
    severity: "error",
    title: "The text is stored as UTF-16",
    why: "No WireGuard program reads that, and half of its bytes are invisible characters.",
    remedy: "Save the file as UTF-8; Windows Notepad offers that when saving.",
  },
  zip_too_large: {
    severity: "error",
    title: "The archive is larger than 1 MiB",
    why: "A hundred configurations fit into far less.",
    remedy: "Hand in fewer files at once.",
  },
  zip_damaged: {
    severity: "error",
    title: "The archive's directory cannot be read, or says two things",
    why: "Programs would unpack different files from it, and a file that means two things is an attack.",
    remedy: "Pack the files anew, or ask for them one by one.",
  },
  zip_too_many_entries: {
    severity: "error",
    title: "The archive has more than 100 entries",
    why: "Nobody reads a hundred reports, so nothing of it would be saved knowingly.",
    remedy: "Hand in fewer files at once.",
  },
  zip_without_configuration: {
    severity: "error",
    title: "The archive has no .conf file",
    why: "Only files with that ending are taken out of archives.",
    remedy: "Check that this is the right archive.",
  },
  zip_entry_path: {
    severity: "error",
    title: "The name of an entry leads out of the archive (.., an absolute path or a backslash)",
    why: "Such names make careless programs overwrite files elsewhere; here names are only shown, but honest archives have none.",
    remedy: "Distrust the archive; ask its author for the plain file.",
  },
  zip_entry_name: {
    severity: "error",
    title: "The name of an entry is empty, too long, or has characters that turn or break text on screen",
    why: "You could not tell which file you are looking at.",
    remedy: "Pack the file under a plain name.",
  },
  zip_entry_duplicate: {
    severity: "error",
    title: "Two entries have the same name",
    why: "Some programs take the first, some the last.",
    remedy: "Give each file a name of its own.",
  },
  zip_entry_link: {
    severity: "error",
    title: "The entry is a link or a special file",
    why: "It holds no configuration and points at something on the machine that unpacks it.",
    remedy: "Pack the file itself.",
  },
  zip_entry_encrypted: {
    severity: "error",
    title: "The entry is encrypted",
    why: "What it says cannot be shown before it is saved.",
    remedy: "Unpack it with its password and hand in the .conf file.",
  },
  zip_entry_method: {
    severity: "error",
    title: "The entry is compressed in a way that is not ordinary",
    why: "Only stored and deflated entries are read; others need unpackers with a long history of holes.",
    remedy: "Pack the files with an ordinary zip program.",
  },
  zip_entry_too_large: {
    severity: "error",
    title: "The entry unpacks to more than 64 KiB",
    why: "No WireGuard configuration is so large; a few bytes can unpack to gigabytes.",
    remedy: "Check that this is the right file.",
  },
  zip_total_too_large: {
    severity: "error",
    title: "The archive unpacks to more than 2 MiB in all, so reading stopped before this entry",
    why: "A few bytes can unpack to gigabytes.",
    remedy: "Hand in fewer files at once.",
  },
  zip_entry_damaged: {
    severity: "error",
    title: "The entry cannot be unpacked, or is not as long as the archive says",
    why: "Part of it is missing, or the archive was made to deceive.",
    remedy: "Pack the file anew, or ask for it by itself.",
  },
  zip_entry_nested: {
    severity: "error",
    title: "The entry is an archive itself",
    why: "Archives inside archives hide how much there is, so none is opened.",
    remedy: "Unpack the outer archive and hand in what is inside.",
  },
  zip_entry_left_out: {
    severity: "warning",
    title: "The entry is no .conf file and is left out",
    why: "Only files with that ending are taken out of archives.",
    remedy: "If it is a configuration, give its name the ending .conf.",
    leavesOut: true,
  },
  image_damaged: {
    severity: "error",
    title: "The image cannot be read to its end, or holds more or less than it says",
    why: "Part of it is missing, or it was made to exhaust whoever opens it.",
    remedy: "Save or photograph the QR code anew, as PNG or JPEG.",
  },
  image_too_large: {
    severity: "error",
    title: "The image has more than 12 million pixels",
    why: "Unpacking it would take more memory than a QR code deserves.",
    remedy: "Crop the image to the QR code, or make it smaller.",
  },
  qr_not_found: {
    severity: "error",
    title: "No QR code could be read in the image",
    why: "Without one there is no configuration in an image.",
    remedy: "Crop the image to the whole code with its white margin, sharp and straight, and try again.",
  },
} satisfies Record<string, CatalogueEntry>;
