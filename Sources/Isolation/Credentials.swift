/// What a supervised process believes to be allowed beside its own: sets of capabilities(7), a bit for each number.
struct Capabilities: Hashable, Sendable {
  var effective: UInt64
  var permitted: UInt64
  var inheritable: UInt64 = 0
  /// Whether a change of the user takes none away (PR_SET_KEEPCAPS).
  var areKept = false

  static let none = Capabilities(effective: 0, permitted: 0)
  static let root = Capabilities(effective: containers, permitted: containers)

  /// docker's fourteen: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
  /// sys_chroot, mknod, audit_write, setfcap.
  static let containers: UInt64 = 0xa80_425fb

  enum Number: UInt64 {
    case chown = 0
    case setGroup = 6
    case setUser = 7
    case makeNode = 27
  }

  func has(_ number: Number) -> Bool { effective >> number.rawValue & 1 == 1 }

  /// capset(2).
  /// - Returns: whether it was allowed.
  mutating func set(effective: UInt64, permitted: UInt64, inheritable: UInt64) -> Bool {
    guard permitted & ~self.permitted == 0, effective & ~permitted == 0,
      inheritable & ~(self.inheritable | self.permitted) == 0
    else { return false }
    (self.effective, self.permitted, self.inheritable) = (effective, permitted, inheritable)
    return true
  }
}

/// Whom a supervised process takes itself for, and how that changes: credentials(7) and capabilities(7), as the kernel has it.
struct Credentials: Hashable, Sendable {
  /// The four identities of one kind.
  struct Identities: Hashable, Sendable {
    var real: UInt32
    var effective: UInt32
    var saved: UInt32
    /// That of files: who they are opened as, and whom new ones belong to.
    var file: UInt32

    init(_ id: UInt32) {
      (real, effective, saved, file) = (id, id, id, id)
    }

    var includesRoot: Bool { real == 0 || effective == 0 || saved == 0 }
  }

  var user: Identities
  var group: Identities
  /// Supplementary groups.
  var groups: [UInt32]
  var capabilities: Capabilities

  init(_ user: ProcessUser) {
    capabilities = user.uid == 0 ? .root : .none
    self.user = Identities(user.uid)
    group = Identities(user.gid)
    groups = user.groups
  }

  static let root = Credentials(.root)

  /// What stands for "leave it as it is" in the arguments of the calls.
  static let unchanged = UInt32.max

  /// The kernel's bound for a list of groups.
  static let mostGroups = 65536

  // MARK: Changes: each tells whether it was allowed, and does nothing if not.

  /// setuid(2), setgid(2).
  mutating func set(_ kind: WritableKeyPath<Credentials, Identities>, _ id: UInt32) -> Bool {
    let now = self[keyPath: kind]
    var new = Identities(id)
    if !mayChoose(kind) {
      guard id == now.real || id == now.saved else { return false }
      (new.real, new.saved) = (now.real, now.saved)
    }
    change(kind, to: new)
    return true
  }

  private func mayChoose(_ kind: WritableKeyPath<Credentials, Identities>) -> Bool {
    capabilities.has(kind == \.user ? .setUser : .setGroup)
  }

  /// Capabilities go with the users (capabilities(7), "Effect of user ID changes on capabilities").
  private mutating func change(_ kind: WritableKeyPath<Credentials, Identities>, to new: Identities) {
    let old = self[keyPath: kind]
    self[keyPath: kind] = new
    guard kind == \.user else { return }
    let (had, has) = (old.includesRoot, new.includesRoot)
    if had, !has, !capabilities.areKept { (capabilities.effective, capabilities.permitted) = (0, 0) }
    if old.effective == 0, new.effective != 0 { capabilities.effective = 0 }
    if old.effective != 0, new.effective == 0 { capabilities.effective = capabilities.permitted }
  }

  /// setreuid(2), setregid(2).
  mutating func set(
    _ kind: WritableKeyPath<Credentials, Identities>, real: UInt32, effective: UInt32
  ) -> Bool {
    let now = self[keyPath: kind]
    if !mayChoose(kind) {
      guard [Self.unchanged, now.real, now.effective].contains(real),
        [Self.unchanged, now.real, now.effective, now.saved].contains(effective)
      else { return false }
    }
    var new = now
    if real != Self.unchanged { new.real = real }
    if effective != Self.unchanged { new.effective = effective }
    if real != Self.unchanged || effective != Self.unchanged && effective != now.real {
      new.saved = new.effective
    }
    new.file = new.effective
    change(kind, to: new)
    return true
  }

  /// setresuid(2), setresgid(2).
  mutating func set(
    _ kind: WritableKeyPath<Credentials, Identities>, real: UInt32, effective: UInt32, saved: UInt32
  ) -> Bool {
    let now = self[keyPath: kind]
    if !mayChoose(kind) {
      let mine = [Self.unchanged, now.real, now.effective, now.saved]
      guard mine.contains(real), mine.contains(effective), mine.contains(saved) else { return false }
    }
    var new = now
    if real != Self.unchanged { new.real = real }
    if effective != Self.unchanged { new.effective = effective }
    if saved != Self.unchanged { new.saved = saved }
    new.file = new.effective
    change(kind, to: new)
    return true
  }

  /// setfsuid(2), setfsgid(2): a change that is not allowed is none, and no error.
  /// - Returns: what it was before.
  mutating func setFile(_ kind: WritableKeyPath<Credentials, Identities>, _ id: UInt32) -> UInt32 {
    let now = self[keyPath: kind]
    if id != Self.unchanged, mayChoose(kind) || [now.real, now.effective, now.saved, now.file].contains(id) {
      self[keyPath: kind].file = id
    }
    return now.file
  }

  /// setgroups(2).
  mutating func setGroups(_ list: [UInt32]) -> Bool {
    guard capabilities.has(.setGroup) else { return false }
    groups = list
    return true
  }

  /// execve(2) of a program: `owner` is set where its mode has the bit that counts.
  mutating func execute(settingUser uid: UInt32?, settingGroup gid: UInt32?) {
    if let uid { user.effective = uid }
    if let gid { group.effective = gid }
    (user.saved, user.file) = (user.effective, user.effective)
    (group.saved, group.file) = (group.effective, group.effective)
    capabilities = user.effective == 0 || user.real == 0 ? .root : .none
    if user.effective != 0 { capabilities.effective = 0 }
  }

  // MARK: Questions

  func isMember(of gid: UInt32) -> Bool { group.file == gid || groups.contains(gid) }

  /// Whether chown(2) may make a file of one owner that of another; `unchanged` leaves a half as it is.
  func mayChange(uid: UInt32, gid: UInt32, from: (uid: UInt32, gid: UInt32)) -> Bool {
    if capabilities.has(.chown) { return true }
    let isOwner = user.file == from.uid
    if uid != Self.unchanged, !(isOwner && uid == from.uid) { return false }
    return gid == Self.unchanged || isOwner && (gid == from.gid || isMember(of: gid))
  }
}

/// The state of processes that the kernel keeps as a number with each of them: it copies the number at a fork and leaves
/// it alone at an execve, so that no process is ever missed or mistaken for another one.
struct CredentialTable {
  /// What the supervisor knows of a process.
  struct State: Hashable {
    var credentials: Credentials
    /// The permissions that new files do not get (umask(2)).
    var mask: UInt32
  }

  private var states: [State]
  private var numbers: [State: Int]

  /// What a process has that was never given a number: RLIM_INFINITY.
  private static let untouched = UInt64.max

  init(_ initial: Credentials, mask: UInt32 = 0o022) {
    let state = State(credentials: initial, mask: mask)
    states = [state]
    numbers = [state: 0]
  }

  /// The state that a number stands for. A number that was never given out is a process's own doing, and counts for nothing.
  subscript(tag: UInt64) -> State {
    guard tag != Self.untouched, let index = Int(exactly: tag), states.indices.contains(index) else {
      return states[0]
    }
    return states[index]
  }

  /// The number of a state. Two processes of the same state have the same one.
  mutating func tag(of state: State) -> UInt64 {
    if let number = numbers[state] { return UInt64(number) }
    numbers[state] = states.count
    states.append(state)
    return UInt64(states.count - 1)
  }
}
