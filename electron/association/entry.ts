/**
 * What tells a Linux desktop that Nanami opens `nanami:` links, WireGuard files and archives: a desktop entry and a
 * type for shared-mime-info. The packages bring the same two (`packaging`). Pure.
 */

export const SCHEME = "nanami";
/** Ours: nobody registered a type for WireGuard files. */
export const CONFIG_TYPE = "application/x-wireguard-conf";

/** What is opened with the app; the entry's `MimeType`. */
export const OPENS = [`x-scheme-handler/${SCHEME}`, CONFIG_TYPE, "application/zip"] as const;

/** Marks an entry that the app wrote by itself, so that it is known again beside a package's. */
export const WRITTEN_BY_APP = "X-Nanami-Written-By=app";

/** Text of the desktop entry (Desktop Entry Specification 1.4). `exec`: the value of its `Exec`. */
export function desktopEntry(exec: string, ...more: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Version=1.4",
    "Name=Nanami",
    "GenericName=Private network",
    "GenericName[ja]=プライベートネットワーク",
    "Comment=See where this machine's traffic goes, and decide it",
    "Comment[ja]=このマシンの通信の行き先を確かめて、決める",
    `Exec=${exec}`,
    "Icon=nanami",
    "Terminal=false",
    "Categories=Network;",
    "Keywords=VPN;WireGuard;tunnel;gateway;",
    `MimeType=${OPENS.join(";")};`,
    "StartupNotify=true",
    "StartupWMClass=nanami",
    ...more,
    "",
  ].join("\n");
}

/**
 * The type of WireGuard files, told by what is in them (Shared MIME-info Specification 0.22): `*.conf` alone would
 * take every program's settings. Comments may stand before the first section.
 */
export const MIME_TYPES = `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${CONFIG_TYPE}">
    <comment>WireGuard configuration</comment>
    <comment xml:lang="ja">WireGuard の構成</comment>
    <sub-class-of type="text/plain"/>
    <magic priority="60">
      <match type="string" value="[Interface]" offset="0:1024">
        <match type="string" value="PrivateKey" offset="0:4096"/>
      </match>
    </magic>
  </mime-type>
</mime-info>
`;
