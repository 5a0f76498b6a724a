import Glibc
import TestSupport
import Testing

@testable import Isolation

/// Which groups there are, and where a build can have its own. Nothing is changed here.
@Suite("Places of control groups")
struct ControlGroupPlaceTests {
  private func hierarchies(_ groups: String, _ mounts: String) -> [ControlGroupHierarchy] {
    ControlGroupHierarchy.all(groups: bytes(groups), mounts: bytes(mounts))
  }

  @Test("Version 2 alone is one hierarchy, mounted at /sys/fs/cgroup")
  func unified() {
    let found = hierarchies(
      "0::/user.slice/user-1000.slice/session-2.scope\n",
      "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n31 23 0:5 / /dev rw - tmpfs x rw\n"
    )
    #expect(
      found == [
        ControlGroupHierarchy(
          version: .second, controllers: [], mountPoint: bytes("/sys/fs/cgroup"),
          own: bytes("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"))
      ])
    #expect(found[0].parent == bytes("/sys/fs/cgroup/user.slice/user-1000.slice"))
  }

  @Test("Version 1 has a hierarchy for each controller, or for several; the one of systemd has none")
  func first() {
    let found = hierarchies(
      "9:name=systemd:/x\n4:memory:/docker/abc\n3:cpu,cpuacct:/\n0::/\n",
      """
      31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
      32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
      35 31 0:32 /docker/abc /sys/fs/cgroup/me\\040mory rw master:9 - cgroup cgroup rw,memory

      """)
    #expect(found.map(\.controllers) == [["cpu", "cpuacct"], ["memory"]])
    #expect(found.map(\.own) == [bytes("/sys/fs/cgroup/cpu,cpuacct"), bytes("/sys/fs/cgroup/me mory")])
    #expect(found.allSatisfy { $0.version == .first && $0.parent == nil })
  }

  @Test("A group that is not below what is mounted cannot be reached")
  func outside() {
    #expect(hierarchies("0::/a\n", "30 23 0:26 /b /sys/fs/cgroup rw - cgroup2 c rw\n").isEmpty)
    #expect(hierarchies("0::/ab\n", "30 23 0:26 /a /sys/fs/cgroup rw - cgroup2 c rw\n").isEmpty)
    #expect(hierarchies("0::/../x\n", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 c rw\n").isEmpty)
    #expect(hierarchies("", "").isEmpty)
  }

  /// A folder that looks like version 2, with groups as (path, controllers, handed down, processes).
  private func withGroups(
    _ groups: [(path: String, controllers: String, enabled: String, processes: String)],
    _ body: (_ folder: String) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      for group in groups {
        let path = folder + group.path
        try Files.createFolder(path)
        var files = [
          ("cgroup.controllers", group.controllers), ("cgroup.subtree_control", group.enabled),
          ("cgroup.procs", group.processes),
        ]
        // The root of a hierarchy alone has no type.
        if group.path != "" { files.append(("cgroup.type", "domain\n")) }
        for (name, text) in files { try Files.write(Array(text.utf8), to: path + "/" + name) }
      }
      try body(folder)
    }
  }

  private func place(
    _ needed: Set<String>, own: String, in folder: String
  ) throws(ControlGroupProblem) -> ControlGroupPlace {
    let hierarchy = ControlGroupHierarchy(
      version: .second, controllers: [], mountPoint: bytes(folder), own: bytes(folder + own))
    return try ControlGroupPlace.find(needed, in: hierarchy, process: 42)
  }

  @Test("The root of all groups has groups and processes side by side")
  func top() throws {
    try withGroups([("", "cpu memory", "", "1\n2\n42\n")]) { folder in
      let found = try place(["memory"], own: "", in: folder)
      #expect(found.way == .below)
      #expect(found.folder == bytes(folder))
    }
  }

  @Test("Alone in its group, the builder moves into one below; beside others it does not move them")
  func occupied() throws {
    for (processes, isAlone) in [("42\n", true), ("7\n42\n", false), ("0\n42\n", false)] {
      try withGroups([("", "memory", "memory", ""), ("/own", "memory", "", processes)]) { folder in
        // Nothing above: the root of a container.
        let own = ControlGroupHierarchy(
          version: .second, controllers: [], mountPoint: bytes(folder + "/own"), own: bytes(folder + "/own"))
        if isAlone {
          let found = try ControlGroupPlace.find(["memory"], in: own, process: 42)
          #expect(found.way == .moving)
        } else {
          #expect(throws: ControlGroupProblem.occupied(group: bytes(folder + "/own"), processes: 1)) {
            try ControlGroupPlace.find(["memory"], in: own, process: 42)
          }
        }
      }
    }
  }

  @Test("Beside others, groups are made beside the builder's own one, unless that has limits")
  func beside() throws {
    let groups = [
      ("", "cpu memory", "cpu memory", ""), ("/slice", "cpu memory", "memory", ""),
      ("/slice/session", "memory", "", "7\n42\n"),
    ]
    try withGroups(groups) { folder in
      for needed: Set<String> in [["memory"], ["cpu", "memory"]] {
        let found = try place(needed, own: "/slice/session", in: folder)
        #expect(found.way == .beside)
        #expect(found.folder == bytes(folder + "/slice"))
      }
      let limit = folder + "/slice/session/memory.max"
      try Files.write(Array("max\n".utf8), to: limit)
      let unlimited = try place(["memory"], own: "/slice/session", in: folder)
      #expect(unlimited.way == .beside)
      try Files.write(Array("1073741824\n".utf8), to: limit)
      #expect(throws: ControlGroupProblem.limited(file: bytes(limit))) {
        try place(["memory"], own: "/slice/session", in: folder)
      }
    }
  }

  @Test("A controller that is not handed down is named")
  func missing() throws {
    try withGroups([("", "memory", "memory", ""), ("/own", "memory", "", "42\n")]) { folder in
      #expect(throws: ControlGroupProblem.noController("cpuset", group: bytes(folder + "/own"))) {
        try place(["cpuset", "memory"], own: "/own", in: folder)
      }
    }
  }

  @Test(
    "A group that belongs to somebody else is not delegated",
    .enabled(if: geteuid() != 0, "root may write all"))
  func foreign() {
    let own = ControlGroupHierarchy(
      version: .first, controllers: ["memory"], mountPoint: bytes("/"), own: bytes("/"))
    #expect(throws: ControlGroupProblem.notDelegated(group: bytes("/"), errno: EACCES)) {
      try ControlGroupPlace.find(["memory"], in: own, process: 42)
    }
  }
}

@Suite("Limits as control groups take them")
struct StepResourcesTests {
  private func text(_ resources: StepResources, _ version: ControlGroupHierarchy.Version) -> [String] {
    resources.settings(version).flatMap { $0.settings.map { "\($0.file)=\($0.value)" } }
  }

  @Test("Without limits nothing is written")
  func none() {
    #expect(text(StepResources(), .first).isEmpty)
    #expect(text(StepResources(), .second).isEmpty)
  }

  @Test("Swap is as much again as memory; version 1 counts both together, version 2 apart")
  func memory() {
    var resources = StepResources()
    resources.memory = 100
    #expect(text(resources, .first) == ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=200"])
    #expect(text(resources, .second) == ["memory.max=100", "memory.swap.max=100"])
    resources.memoryAndSwap = .bytes(130)
    #expect(text(resources, .first) == ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=130"])
    #expect(text(resources, .second) == ["memory.max=100", "memory.swap.max=30"])
    resources.memoryAndSwap = .unlimited
    #expect(text(resources, .first) == ["memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=-1"])
    #expect(text(resources, .second) == ["memory.max=100", "memory.swap.max=max"])
  }

  @Test(
    "Shares become weights, from end to end of both scales",
    arguments: [(2, 1), (1024, 39), (262_144, 10_000)])
  func shares(shares: UInt64, weight: Int) {
    var resources = StepResources()
    resources.processorShares = shares
    #expect(text(resources, .first) == ["cpu.shares=\(shares)"])
    #expect(text(resources, .second) == ["cpu.weight=\(weight)"])
  }

  @Test("Quota and period are one line in version 2")
  func quota() {
    var resources = StepResources()
    resources.processorQuota = 50_000
    #expect(text(resources, .first) == ["cpu.cfs_quota_us=50000"])
    #expect(text(resources, .second) == ["cpu.max=50000 100000"])
    resources.processorPeriod = 200_000
    #expect(text(resources, .first) == ["cpu.cfs_period_us=200000", "cpu.cfs_quota_us=50000"])
    #expect(text(resources, .second) == ["cpu.max=50000 200000"])
    resources.processorQuota = nil
    #expect(text(resources, .second) == ["cpu.max=max 200000"])
  }

  @Test("Lists of processors are sets of numbers")
  func lists() {
    #expect(processorNumbers("0-3,5") == [0, 1, 2, 3, 5])
    #expect(processorNumbers("1") == [1])
    for text in ["", "a", "3-1", "1-", "-1", "1,,2", "1-2-3", "+1", "0-99999999"] {
      #expect(processorNumbers(text) == nil, "\(text)")
    }
  }
}

extension Running {
  /// With the control groups of this machine.
  @Suite(
    "Limits by control groups",
    .enabled(
      if: ControlGroups.findings().allSatisfy { $0.problem == nil },
      "this machine lets this user make no control groups with limits"))
  struct Limits {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    /// Runs with a group that is gone afterwards.
    private func limited(
      _ resources: StepResources, _ spec: ProcessSpec, _ namespace: UserNamespace
    ) throws -> (outcome: Outcome, memoryKills: Int) {
      let groups = ControlGroups(resources)
      defer { groups.close() }
      let choice = IsolationMode.Choice(mode: .namespace, userNamespace: namespace)
      let group = try #require(try groups.make(choice))
      defer { group.remove() }
      var spec = spec
      spec.controlGroup = group
      return (try outcome(spec, namespace), group.memoryKills)
    }

    @Test(
      "More memory than the limit kills the command, and the group counts it", arguments: Sandbox.namespaces)
    func memory(namespace: UserNamespace) throws {
      var resources = StepResources()
      resources.memory = 32 << 20
      resources.memoryAndSwap = .bytes(32 << 20)
      let hungry = sandbox.script("dd if=/dev/zero of=/dev/null bs=200M count=1")
      let result = try limited(resources, hungry, namespace)
      #expect(result.outcome.status != .exited(0))
      #expect(result.memoryKills > 0)
      resources.memory = 1 << 30
      resources.memoryAndSwap = nil
      let enough = try limited(resources, hungry, namespace)
      #expect(enough.outcome.status == .exited(0), "\(enough.outcome.error)")
      #expect(enough.memoryKills == 0)
    }

    @Test("A command runs on the processors of the list alone", arguments: Sandbox.namespaces)
    func processors(namespace: UserNamespace) throws {
      var resources = StepResources()
      resources.processors = "0"
      let result = try limited(
        resources, sandbox.script("grep Cpus_allowed_list /proc/self/status"), namespace)
      #expect(result.outcome.output == "Cpus_allowed_list:\t0\n")
      resources.processors = "4000"
      #expect(throws: IsolationError.self) {
        try limited(resources, sandbox.script("true"), namespace)
      }
    }

    @Test("Its group is the root of what a command sees of groups", arguments: Sandbox.namespaces)
    func hidden(namespace: UserNamespace) throws {
      var resources = StepResources()
      resources.memory = 1 << 30
      resources.processorQuota = 50_000
      resources.processorShares = 512
      let result = try limited(resources, sandbox.script("cat /proc/self/cgroup"), namespace)
      #expect(result.outcome.status == .exited(0))
      #expect(!result.outcome.output.isEmpty)
      #expect(!result.outcome.output.contains("slipway"), "\(result.outcome.output)")
      #expect(!result.outcome.output.contains(".."), "\(result.outcome.output)")
    }

    @Test("No group stays behind, and one that a killed builder has left is swept up")
    func sweep() throws {
      var resources = StepResources()
      resources.memory = 1 << 30
      let parts = try ControlGroups.find(resources, ControlGroupHierarchy.ofCaller(), process: getpid())
      for part in parts {
        var bare = part
        bare.settings = []
        let path: [UInt8]
        do {
          let kept = try ControlGroup.makeFolder(bare)
          path = kept.path
          ControlGroups.sweep()
          #expect(unsafe withCString(path) { unsafe access($0, F_OK) } == 0, "it is in use")
          _ = consume kept
        }
        ControlGroups.sweep()
        #expect(unsafe withCString(path) { unsafe access($0, F_OK) } != 0)
      }
      _ = try limited(resources, sandbox.script("true"), Sandbox.namespaces[0])
      for part in parts {
        let list = try Files.names(in: String(decoding: part.place.folder, as: UTF8.self))
        #expect(!list.contains { $0.hasPrefix("slipway-\(getpid())-") })
      }
    }
  }
}
