import Glibc
import TestSupport
import Testing

@testable import Isolation

@Suite("Choosing an isolation")
struct ModeTests {
  private func probe(
    privileged: IsolationProbe.Finding, range: IsolationProbe.Finding, single: IsolationProbe.Finding
  ) -> IsolationProbe {
    var probe = IsolationProbe.current()
    probe.privileged = privileged
    probe.rangeUserNamespace = range
    probe.singleUserNamespace = single
    probe.subordinate = IDMapping(users: [], groups: [])
    probe.freshProc = .works
    probe.overlay = .works
    return probe
  }

  @Test("The most capable arrangement that works is chosen", arguments: [IsolationMode.auto, .namespace])
  func best(mode: IsolationMode) throws {
    var choice = try mode.choose(probe(privileged: .works, range: .works, single: .works))
    #expect(choice == .init(mode: .namespace, userNamespace: .none, reasons: []))
    choice = try mode.choose(probe(privileged: .notTried, range: .works, single: .works))
    #expect(choice.userNamespace == .ranges(IDMapping(users: [], groups: [])))
    var refused = probe(privileged: .notTried, range: .fails(.namespaces(errno: EPERM)), single: .works)
    refused.hasMapHelpers = true
    choice = try mode.choose(refused)
    #expect(choice.userNamespace == .single)
    #expect(choice.reasons.count == 2)
    #expect(
      choice.reasons.contains { $0.contains("the kernel refuses new namespaces (Operation not permitted)") })
    refused.hasMapHelpers = false
    choice = try mode.choose(refused)
    #expect(choice.reasons.count == 2)
    #expect(choice.reasons.contains("The programs newuidmap and newgidmap are not installed."))
  }

  @Test("Where nothing works the reasons are given, and nothing less is done")
  func nothing() {
    let failing = IsolationProbe.Finding.fails(.setup(.mount, errno: EACCES, subject: bytes("/proc")))
    let error = #expect(throws: IsolationError.self) {
      try IsolationMode.auto.choose(probe(privileged: .notTried, range: .notTried, single: failing))
    }
    guard case .unavailable(.namespace, let reasons) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      reasons.first == "A user namespace with a single user fails: could not mount /proc (Permission denied)."
    )
  }

  @Test("Modes without an executor say so", arguments: [IsolationMode.chroot, .none])
  func withoutExecutor(mode: IsolationMode) {
    let error = #expect(throws: IsolationError.self) { try mode.executor(IsolationProbe.current()) }
    guard case .unavailable(mode, let reasons) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reasons.count == 1)
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
}
