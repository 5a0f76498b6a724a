import FileTree
import Glibc
import TestSupport
import Testing

@testable import Isolation

@Suite("Choosing an isolation")
struct ModeTests {
  private static let range = IDMapping(users: [], groups: [])
  private static let subordinate = [
    IDRange(inside: 0, outside: 1000, count: 1), IDRange(inside: 1, outside: 100_000, count: 65536),
  ]
  private static let refused = IsolationProbe.Finding.fails(.namespaces(errno: EPERM))

  private func probe(
    isRoot: Bool, privileged: IsolationProbe.Finding = .notTried, own: IsolationProbe.Finding = .notTried,
    single: IsolationProbe.Finding, chroot: IsolationProbe.Finding = .notTried
  ) -> IsolationProbe {
    var probe = IsolationProbe.current()
    probe.isRoot = isRoot
    probe.privileged = privileged
    probe.ownUserNamespace = own
    probe.own = Self.range
    probe.singleUserNamespace = single
    probe.chroot = chroot
    probe.freshProc = .works
    probe.overlay = .works
    return probe
  }

  @Test("Root builds without a user namespace where that works", arguments: [IsolationMode.auto, .namespace])
  func root(mode: IsolationMode) throws {
    let choice = try mode.choose(
      probe(isRoot: true, privileged: .works, own: .works, single: .works, chroot: .works))
    #expect(choice == .init(mode: .namespace, userNamespace: .none, reasons: []))
  }

  @Test("Root of a container has all users of the container where it may make a user namespace")
  func container() throws {
    let choice = try IsolationMode.auto.choose(
      probe(isRoot: true, privileged: Self.refused, own: .works, single: .works, chroot: .works))
    #expect(choice.mode == .namespace && choice.userNamespace == .ranges(Self.range))
    #expect(choice.reasons.count == 1 && choice.reasons[0].contains("Operation not permitted"))
  }

  @Test(
    "Root changes the root directory where nothing better works, or only one user could be had",
    arguments: [refused, .works])
  func chroot(single: IsolationProbe.Finding) throws {
    let probe = probe(
      isRoot: true, privileged: Self.refused, own: Self.refused, single: single, chroot: .works)
    let choice = try IsolationMode.auto.choose(probe)
    #expect(choice.mode == .chroot)
    #expect(choice.reasons.contains { $0.contains("no /proc") })
    #expect(
      choice.reasons.contains { $0.contains("the kernel refuses new namespaces (Operation not permitted)") })
    // What was asked for by name is what is had.
    if single == .works {
      #expect(try IsolationMode.namespace.choose(probe).userNamespace == .single)
    } else {
      #expect(throws: IsolationError.self) { try IsolationMode.namespace.choose(probe) }
    }
  }

  @Test("An ordinary user is alone in a user namespace")
  func ordinary() throws {
    let choice = try IsolationMode.auto.choose(probe(isRoot: false, single: .works))
    #expect(choice.mode == .namespace && choice.userNamespace == .single)
    #expect(
      choice.reasons == [
        "Only user 0 exists in a build; others are emulated, without checks of access.",
        "/etc/subuid and /etc/subgid grant this user no range of 65536 identities.",
      ])
    #expect(
      throws: IsolationError.unavailable(.chroot, reasons: ["Only root can change the root directory."])
    ) {
      try IsolationMode.chroot.choose(probe(isRoot: false, single: .works))
    }
  }

  @Test("Where nothing works the reasons are given, and nothing less is done")
  func nothing() {
    let failing = IsolationProbe.Finding.fails(.setup(.mount, errno: EACCES, subject: bytes("/proc")))
    let error = #expect(throws: IsolationError.self) {
      try IsolationMode.auto.choose(probe(isRoot: false, single: failing))
    }
    guard case .unavailable(.namespace, let reasons) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      reasons.first == "A user namespace with a single user fails: could not mount /proc (Permission denied)."
    )
  }

  @Test("Without isolation nothing is run")
  func none() {
    let error = #expect(throws: IsolationError.self) {
      try IsolationMode.none.choose(IsolationProbe.current())
    }
    guard case .unavailable(.none, let reasons) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reasons.count == 1)
  }

  @Test("The users of a user namespace are read from its maps")
  func ownUsers() {
    let map = bytes("         0     100000      65536\n     70000          5         10\n")
    #expect(
      IDMapping.identities(map) == [
        IDRange(inside: 0, outside: 0, count: 65536), IDRange(inside: 70000, outside: 70000, count: 10),
      ])
    #expect(IDMapping.identities(bytes("0 0 4294967295\n"))?.first?.count == 4_294_967_295)
    for wrong in ["", "0 0\n", "a b c\n", "0 0 0\n"] { #expect(IDMapping.identities(bytes(wrong)) == nil) }
  }

  @Test("The probe leaves nothing behind, and finds the same each time")
  func probing() throws {
    try Files.withTemporaryFolder { folder in
      let probe = IsolationProbe(scratch: bytes(folder))
      #expect(probe == IsolationProbe(scratch: bytes(folder)))
      let left = try Files.names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test("A plan has its mounts in the order of their targets, after the standard ones")
  func plan() {
    var spec = ProcessSpec(root: .directory(bytes("/r")), arguments: [bytes("true")])
    spec.hosts = bytes("h")
    spec.mounts = ["/b/c", "/a", "/b"].map { Mount(.temporary(size: nil), at: bytes($0)) }
    let targets = MountPlan(for: spec, networkIsOwn: true).operations.map {
      String(decoding: $0.target, as: UTF8.self)
    }
    #expect(targets.first == "/proc")
    #expect(targets.suffix(4) == ["/etc/hosts", "/a", "/b", "/b/c"])
    #expect(targets.contains("/proc/sysrq-trigger") && targets.contains("/sys/firmware"))
  }

  @Test("An ordinary user has a range of identities where there is one, unless one identity is asked for")
  func ofRange() throws {
    let mapping = IDMapping(users: Self.subordinate, groups: Self.subordinate)
    var probe = probe(isRoot: false, single: .works)
    probe.subordinate = mapping
    probe.rangeUserNamespace = .works
    #expect(try IsolationMode.auto.choose(probe).userNamespace == .ranges(mapping))
    #expect(try IsolationMode.auto.choose(probe).reasons == [])
    #expect(try IsolationMode.namespace.choose(probe).userNamespace == .single)
    if probe.hasMapHelpers {
      #expect(try IsolationMode.range.choose(probe).userNamespace == .ranges(mapping))
      probe.rangeUserNamespace = Self.refused
      #expect(throws: IsolationError.self) { try IsolationMode.range.choose(probe) }
      let usual = try IsolationMode.auto.choose(probe)
      #expect(usual.userNamespace == .single)
      #expect(usual.reasons.contains { $0.hasPrefix("A user namespace with a range of /etc/subuid fails: ") })
    }
    probe.subordinate = nil
    do throws(IsolationError) {
      _ = try IsolationMode.range.choose(probe)
      Issue.record("without a range there is none")
    } catch {
      guard case .unavailable(.range, let reasons) = error else { throw error }
      #expect(reasons[0].contains("/etc/subuid"))
    }
    probe.isRoot = true
    #expect(throws: IsolationError.self) { try IsolationMode.range.choose(probe) }
  }

  @Test("The owners of a disk are the identities of its user namespace")
  func diskOwners() {
    let mapping = IDMapping(
      users: Self.subordinate, groups: [IDRange(inside: 5, outside: 5, count: 2)])
    #expect(mapping.diskOwners.has(user: 0) && mapping.diskOwners.has(user: 65536))
    #expect(!mapping.diskOwners.has(user: 65537))
    #expect(mapping.diskOwners.has(group: 6) && !mapping.diskOwners.has(group: 7))
    #expect(mapping.isSubordinate && !mapping.fromInside.isSubordinate)
    #expect(mapping.fromInside.users[1] == IDRange(inside: 1, outside: 1, count: 65536))
    #expect(UserNamespace.single.diskOwners == nil)
  }
}
