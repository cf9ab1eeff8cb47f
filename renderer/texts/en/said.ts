/**
 * What the service says by code (`src/rpc/said.ts`), in the words of a window: no commands to type, since there are
 * buttons. For a code that is not here the service's own sentence stands.
 */
export const said = {
  /** The control plane's own refusals, by its codes; said within others. */
  controlPlane: {
    unauthenticated: "It does not know this device.",
    revoked: "This device was removed from its network.",
    unknown: "There is no such thing in your network, or it is not yours to see.",
    forbidden: "You may see it, and only an operator may change it.",
    set_by_operator: "In this network preferences are set by your operator.",
    invalid: "Something in it is not allowed here.",
    stale: "Somebody changed it meanwhile.",
    precondition_required: "It did not say which version it replaces.",
    malformed: "It is not written as this version expects. Update the app and the service.",
    too_large: "It is too large.",
    unsupported_media_type: "It is not written as this version expects. Update the app and the service.",
    too_many_requests: "Too much was asked in a short time. Wait a minute.",
    no_such_surface: "It is of another version than the service of this device.",
    internal: "It has a fault of its own, which its log tells the operator.",
    public_key_in_use: "The key of this device is in use there already. Try again, which makes a new one.",
    network_full: "The network has as many devices as it can have.",
    overlay_full: "The network has no free address left.",
    no_eligible_gateway: "There is no gateway that can be used for it.",
    enrollment_key_unknown: "It was never given out there.",
    enrollment_key_used: "It was used already, and each works once.",
    enrollment_key_expired: "It has expired.",
  },
  refusals: {
    request_malformed: {
      message: "The app asked the service for something that cannot be right.",
      remedy: "Update both to the same version.",
    },
    request_unknown: {
      message: "The service does not know what the app asked for.",
      remedy: "Update both to the same version.",
    },
    agent_fault: {
      message: "The service could not do it, because of a fault of its own.",
      remedy: "Its log says why: Health shows it.",
    },
    app_fault: {
      message: "The app could not do it: {{detail}}",
      remedy: "Try again. If it stays, save the diagnostics from Health and send them to your operator.",
    },
    agent_silent: {
      message: "The Nanami service did not answer in time.",
      remedy: "It is tried again by itself. What was protected stays protected.",
    },
    connection_lost: {
      message: "The connection to the app was lost before it answered.",
      remedy: "It comes back by itself. Look whether it was done, and try again.",
    },
    answer_not_understood: {
      message: "The app answered in a way that this window does not understand.",
      remedy: "Close the window and open it again.",
    },
    file_too_large: {
      message: "“{{name}}” is larger than 5 MiB.",
      remedy: "Choose a WireGuard configuration or an archive; they are far smaller.",
    },
    file_unreadable: {
      message: "“{{name}}” cannot be read.",
      remedy: "Check that it still exists and that you may read it.",
    },
    not_in_group: {
      message: "You may see the state of the tunnel, and not change it or where traffic goes.",
      remedy:
        "Ask an administrator to add you to the group nanami. Its members may steer all traffic of this machine.",
    },
    enrolled_already: {
      message: "This device is enrolled already.",
      remedy:
        "Log out first, in Settings. Only the person who enrolled it, or an administrator, may do that.",
    },
    logout_not_yours: {
      message: "Only the person who enrolled this device, or an administrator, may log it out.",
      remedy: "Ask one of them.",
    },
    logout_locked: {
      message: "Lockdown is on, and only an administrator may log this device out then.",
      remedy: "Turn lockdown off first, in Settings.",
    },
    share_not_yours: {
      message:
        "Only an administrator may share a configuration with all users of this machine, or stop that.",
      remedy: "Ask one of them.",
    },
    lockdown_not_yours: {
      message:
        "Lockdown is on, and only the person who enrolled this device, or an administrator, may open it.",
      remedy: "Ask one of them.",
    },
    not_enrolled: {
      message: "This device is not enrolled in a network.",
      remedy: "Enrol it with a link from your operator.",
    },
    revoked: {
      message: "This device was removed from its network.",
      remedy: "Log out and enrol it anew with a link from your operator.",
    },
    no_path: {
      message: "There is no path for this device: {{why}}",
      remedy: "Choose other gateways under Path, or ask your operator.",
    },
    path_unusable: {
      message: "The path that the control plane sent cannot be used: {{detail}}",
      remedy: "Nothing was changed. Tell your operator.",
    },
    disconnected_meanwhile: {
      message: "Somebody disconnected meanwhile.",
      remedy: "Connect again if that was not meant.",
    },
    changed_meanwhile: {
      message: "It was changed once more meanwhile, and the newer change stands.",
      remedy: "Change it again if that was not meant.",
    },
    overtaken: {
      message: "Something else was connected meanwhile, or the tunnel was disconnected.",
      remedy: "Connect again if that was not meant.",
    },
    not_put_back: {
      message: "Not everything could be put back: {{detail}}",
      remedy: "Try again, or restart this machine.",
    },
    lockdown_not_in_force: {
      message: "Lockdown could not be put in force: {{detail}}",
      remedy: "It is tried again by itself. Home says what is open meanwhile.",
    },
    tunnel_refused: {
      message: "The tunnel could not be made: {{detail}}",
      remedy: "What was in force stays as it was.",
    },
    link_malformed: {
      message: "This is not an enrolment link. One looks like nanami://enroll/…#….",
      remedy: "Ask your operator for a new one and paste the whole of it.",
    },
    link_authority: {
      message: "Another certificate answered than the link names, so this is not who the link is for.",
      remedy: "Do not go on. Ask your operator for a new link, from another network if you can.",
    },
    link_refused: {
      message: "The control plane refused the link: {{detail}}",
      remedy: "It works once and not for ever. Ask your operator for a new enrolment link.",
    },
    link_used: {
      message: "This link was used already; each works once.",
      remedy: "Ask your operator for a new enrolment link.",
    },
    link_expired: {
      message: "This link was good until {{expiredAt}}.",
      remedy: "Ask your operator for a new enrolment link.",
    },
    enrolling_already: {
      message: "Another enrolment is under way.",
      remedy: "Wait for it to end.",
    },
    connected_or_locked: {
      message: "Something is connected, or lockdown is on.",
      remedy: "Disconnect first, and turn lockdown off in Settings.",
    },
    control_plane_away: {
      message: "The control plane does not answer.",
      remedy:
        "What is connected stays connected. Look whether this device is online, and try again in a moment.",
    },
    control_plane_never_reached: {
      message: "The control plane does not answer, and no path was ever received from it.",
      remedy: "Try again when this device is online.",
    },
    control_plane_needed: {
      message: "This change cannot be applied while the control plane does not answer.",
      remedy: "Everything stays as it is. Try again when it answers.",
    },
    control_plane_refused: {
      message: "The control plane refused it: {{detail}}",
      remedy: "Nothing was changed.",
    },
    device_not_accepted: {
      message: "The control plane does not accept this device any more.",
      remedy: "Log out and enrol it anew with a link from your operator.",
    },
    not_allowed: {
      message: "Your operator does not allow it: {{detail}}",
      remedy: "Nothing was changed.",
    },
    stored_changed: {
      message: "Somebody changed this meanwhile.",
      remedy: "Look at the stored value and decide anew.",
    },
    another_change_waits: {
      message: "Another change still waits to be saved, and one at a time can wait.",
      remedy: "Try again when the control plane answers.",
    },
    target_malformed: {
      message: "“{{target}}” is neither an address nor a host name.",
      remedy: "Write an address, such as 203.0.113.7, or a name, such as intranet.example.",
    },
    target_unknown: {
      message: "The name {{target}} has no address here.",
      remedy: "Ask about an address, or look at DNS among the health checks.",
    },
    profile_unknown: {
      message: "This configuration is not there any more.",
      remedy: "Look at the list again.",
    },
    profile_of_another: {
      message: "This configuration belongs to another user: you may connect it, and not change or copy it.",
      remedy: "Ask its owner.",
    },
    profile_widens: {
      message: "The file does not ask for all traffic, and a configuration can be narrowed and not widened.",
      remedy: "Connect it as it is, or add a default route to its AllowedIPs.",
    },
    profile_narrow_to_nothing: {
      message: "The file names nothing but the default route, so there is no private part of it to connect.",
      remedy: "Connect it as a full tunnel.",
    },
    profile_no_address: {
      message: "The file has no address.",
      remedy: "Edit it, and add the Address that was assigned to you.",
    },
    profile_no_peer: {
      message: "The file has no peer that carries anything.",
      remedy: "Edit it and add a [Peer], or narrow it less.",
    },
    profile_no_endpoint: {
      message: "The peer that would carry it has no endpoint, so this device could only wait for its call.",
      remedy: "Edit the file and add its Endpoint.",
    },
    profile_endpoint_unresolved: {
      message: "The name of the peer has no address right now.",
      remedy: "Check that this device is online, and try again.",
    },
    profile_endpoint_rebound: {
      message: "The name of the peer leads to this machine, or to the network it is on.",
      remedy:
        "Somebody may be answering look-ups falsely. If it is right, write the address itself into the file.",
    },
    profile_connected: {
      message: "This configuration is connected.",
      remedy: "Disconnect it first.",
    },
    profile_not_restorable: {
      message: "This configuration cannot be restored any more.",
      remedy: "Import its file again.",
    },
    images_busy: { message: "Several images are being read already.", remedy: "Try again in a moment." },
    chosen_twice: { message: "A document was chosen twice.", remedy: "Choose each one once." },
    document_refused: {
      message: "Document {{number}} of what was handed in was refused or left out.",
      remedy: "Choose others.",
    },
    report_expired: {
      message: "The report is too old, or what was handed in is not what was shown.",
      remedy: "Hand it in again and read the report.",
    },
    no_room: {
      message: "There is no room for more configurations of yours.",
      remedy: "Remove some that you do not need.",
    },
    text_refused: { message: "This text was refused.", remedy: "Correct what the report says." },
    prefix_malformed: {
      message: "“{{prefix}}” is no prefix.",
      remedy: "Write it like 10.20.0.0/16 or fd00:20::/64.",
    },
    prefix_not_asked: {
      message: "The file does not ask for {{prefixes}}; it can be narrowed and not widened.",
      remedy: "To ask for more, edit its AllowedIPs.",
    },
    export_not_yours: {
      message: "Only the person who imported a configuration may export it: its keys go with it.",
      remedy: "Ask its owner.",
    },
    export_zip_alone: {
      message: "Several configurations can only be exported as one archive.",
      remedy: "Choose the archive, or one configuration.",
    },
    export_nothing: { message: "No configuration was chosen.", remedy: "Choose at least one." },
    too_long_for_qr: {
      message: "This configuration is too long for a QR code.",
      remedy: "Export it as a .conf file.",
    },
    name_tells_key: {
      message: "This name holds a part of the configuration's key, and names are shown.",
      remedy: "Choose another one.",
    },
  },
  loosened: {
    mode: "Only the private network stays in the tunnel, and all other traffic goes directly.",
    who: "Decided by {{now}}; before, by {{before}}.",
    smaller: "The private network became smaller.",
    gone: "No longer in the tunnel: {{prefixes}}.",
    by: { device: "this device", user: "you", network: "your operator", system: "the default" },
  },
  profileTroubles: {
    unserved:
      "A peer has no endpoint, and this device is not called by peers: what is for {{prefixes}} goes nowhere while connected. Add its Endpoint.",
    widens: "It does not ask for all traffic any more. What is in force stays as it was.",
    narrow_to_nothing: "It has no private part any more. What is in force stays as it was.",
    no_address: "It has no address any more. What is in force stays as it was.",
    no_peer: "It has no peer that carries anything any more. What is in force stays as it was.",
    no_endpoint: "The peer that would carry it has no endpoint. What is in force stays as it was.",
    endpoint_unresolved: "The name of its peer has no address right now. What is in force stays as it was.",
    endpoint_rebound:
      "The name of its peer leads to this machine, or to the network it is on: somebody may be answering look-ups falsely. What is in force stays as it was.",
    tunnel_refused: "It could not be brought in force: {{detail}}",
  },
  unused: {
    unserved:
      "A peer has no endpoint, and this device is not called by peers: what is for {{prefixes}} goes nowhere while connected. Add its Endpoint.",
    dns_split:
      "The DNS servers are not used: not all traffic goes into this tunnel, and no search domain says which names are theirs. Add the domain to the DNS line.",
    listen_port: "ListenPort is not used: this device calls its peers, from any port.",
  },
  findings: {
    not_connected: "Nothing is connected.",
    agent_answers: "Version {{version}} answers.",
    not_enrolled: "This device is in no network. Enrol it with a link, on Home.",
    enrolled: "A device of {{network}} of {{workspace}}.",
    no_control_plane: "There is none without an enrolment.",
    revoked: "It removed this device from its network.",
    control_plane_connected: "{{host}} is connected.",
    control_plane_away: "{{host}} is not connected. What is in force stays.",
    locked: "Nothing is connected, and lockdown keeps this device closed.",
    peers_silent: "These peers do not answer, and what is for them waits: {{peers}}.",
    profile_trouble: "The configuration is not in force as it is stored; Home says why.",
    traffic_seen: "Traffic was seen to pass.",
    handshake_seen: "A handshake was seen; there is nothing to probe.",
    held_up: "{{why}}",
    changing: "It is on its way to another state. Check again in a moment.",
    in_place: "Everything of ours is in place.",
    deviates: "Another program changed what is ours: {{detail}}",
    no_foreign_rules: "The kernel asks none before ours.",
    foreign_rules: "The kernel asks these before ours, and they take traffic out of the tunnel: {{rules}}.",
    no_tunnel_resolver_full:
      "The tunnel brings no resolver: the machine's own is asked, through the tunnel or not at all. One in the local network is not reached, and then no name is found. Ask your operator for a resolver in the network.",
    no_tunnel_resolver: "The tunnel brings no resolver; the machine's own stays.",
    resolver_foreign: "Names are not asked of the tunnel's resolver: {{detail}}",
    resolver_waiting: "Nobody was told yet to ask the tunnel's resolver. Check again in a moment.",
    resolver_asked_all: "All names are asked of {{servers}}, by {{by}}.",
    resolver_asked: "Names in {{domains}} are asked of {{servers}}, by {{by}}.",
    no_private_prefixes: "There is no private network.",
    private_kept: "{{prefixes}}: through the tunnel or not at all.",
    private_astray: "These would leave outside the tunnel: {{prefixes}}.",
    nothing_to_attempt: "There is nothing that it could leave by, or for.",
    let_out: "A packet that must not leave outside the tunnel was let out.",
    refused: "It was refused, as it must be.",
    ipv6_private_only: "Only the private prefixes of IPv6 are steered.",
    ipv6_tunnel: "It goes through the tunnel.",
    ipv6_nowhere: "The tunnel does not carry it, so it goes nowhere.",
    ipv6_astray: "It would leave by {{interface}}, outside the tunnel.",
    sizes_pass: "Nothing is known to be lost by its size.",
    sizes_lost:
      "A link on the way drops large packets and does not say so: {{passes}} bytes pass, {{intended}} should. Smaller packets are sent.",
    sizes_lost_ipv6:
      "A link on the way drops large packets and does not say so: {{passes}} bytes pass, {{intended}} should. Smaller packets are sent; IPv6 needs 1280 bytes, so it goes nowhere.",
    no_overlap: "It overlaps with no private prefix.",
    overlap:
      "The local network {{networks}} overlaps with the private {{prefixes}}: local hosts in {{hidden}} are hidden while connected.",
    no_profile: "No manual configuration is connected.",
    nothing_asked: "It names no prefix that could be asked about.",
    grants_unrefused: "No refusal was heard from the gateway.",
    grants_unknown:
      "Neither an answer nor a refusal was heard, so it is not known. A gateway's refusal is only let in where the file's AllowedIPs hold the gateway's own overlay address.",
    grants_refused:
      "The file asks for {{prefixes}}; the gateway does not allow it. Ask its operator for access, or narrow the configuration to what is allowed, under Manual.",
  },
  deviations: {
    firewall_gone: "The firewall's table inet nanami is gone.",
    firewall_changed: "The firewall's table inet nanami is another one.",
    interface_gone: "The interface {{interface}} is gone, and its routes with it.",
    interface_changed: "Missing at the interface: {{line}}.",
    route_missing: "Missing among the routes and rules ({{family}}): {{line}}.",
    route_added: "Added to the routes and rules ({{family}}): {{line}}.",
    peer_taken: "The peer {{peer}} is gone from the interface.",
    resolver_manager: "{{path}} belonged to {{former}} and is {{manager}}'s now.",
    resolver_other: "{{by}} names {{named}} instead of {{wanted}}.",
    resolver_nobody: "{{by}} names nobody instead of {{wanted}}.",
    resolver_silent: "{{by}} does not answer.",
    resolver_without_interface: "{{by}} cannot be told: the tunnel's interface is gone.",
    names_claimed:
      "Another network (link {{link}}) claims names in {{domain}}, and its server is asked for them too.",
    names_claimed_all:
      "Another network (link {{link}}) claims all names, and its server is asked for them too.",
  },
  pathFaults: {
    no_ingress: "It names no gateway to enter at.",
    no_egress: "It names no gateway to leave at.",
    hops_alike: "Two gateways have one key or one address.",
    own_key: "A gateway has this device's own key.",
    endpoint_unresolved: "The name of a gateway has no address right now.",
    endpoint_inside_tunnel: "A gateway lies inside the network that is reached through it.",
    dns_outside_tunnel: "A resolver lies outside the private network.",
    probe_outside_tunnel: "The address that is probed lies outside the tunnel.",
    not_host_prefix: "A range stands where a single address belongs.",
    default_prefix: "A private network takes in everything, or far too much.",
    martian_prefix: "A private network has addresses that are never routed.",
    overlapping_prefixes: "Two ranges overlap.",
    address_forbidden: "An address is none that a host of the private network can have.",
    address_of_gateway: "A gateway has the address of this device.",
    name_disguise: "A name has characters that could disguise it.",
    domain_captures_public: "A domain would have everybody's names looked up at the private resolver.",
    not_canonical: "A value is not written in its one spelling.",
    key_malformed: "A key is malformed.",
    address_malformed: "An address is malformed.",
    prefix_malformed: "A range of addresses is malformed.",
    endpoint_malformed: "The endpoint of a gateway is malformed, or cannot be one.",
  },
  pathFaultAt: "{{told}} Where in the path: {{place}}.",
  systemSays: "“{{detail}}”",
  foundThen: "Found then: {{changed}}",
  repaired: "Another program changed that at {{time}}, and it was put right.",
  routes: {
    own_address: "This address is this machine itself.",
    not_connected: "Nothing is connected, so traffic takes the machine's own way.",
    gateway_address:
      "It is the address of {{gateway}}: what is not encrypted for it would leave at the wrong gateway.",
    no_private_prefix: "It belongs to no private prefix, and only those are steered.",
    carried_by_nothing: "Nothing carries it now, and it may not leave outside the tunnel.",
    on_local_network: "It is on the local network, which is allowed.",
    all_traffic: "All traffic goes through the tunnel.",
    private_prefix: "It belongs to {{prefix}}, which goes through the tunnel or nowhere.",
  },
  deciders: {
    nobody: "nobody: not connected",
    lockdown: "lockdown",
    profile: "the manual configuration {{profile}}",
    last_record: "what was connected last",
    layers: { device: "this device", user: "you", network: "your operator", system: "the default" },
  },
  resolvers: {
    own: "the machine's own resolver ({{servers}})",
    own_by_forwarder: "the machine's own resolver, by the service's forwarder",
    tunnel: "the tunnel's resolver ({{servers}})",
  },
};
