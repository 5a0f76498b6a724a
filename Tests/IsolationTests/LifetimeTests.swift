import Glibc
import Testing

@testable import Isolation

extension Running {
  @Suite("Nothing is left behind")
  struct Lifetime {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    // What a process owns is counted in a process of its own: other tests open files and start programs as well.

    @Test("Cancelling kills everything at once")
    func cancel() async {
      await #expect(processExitsWith: .success) {
        for namespace in Sandbox.namespaces {
          let sandbox = try Sandbox()
          let cancellation = try Cancellation()
          let canceller = Task.detached {
            try await Task.sleep(for: .milliseconds(200))
            cancellation.cancel()
          }
          let time = ContinuousClock().measure {
            #expect(throws: IsolationError.cancelled) {
              try outcome(sandbox.script("sleep 300 & sleep 300"), namespace, cancellation: cancellation)
            }
          }
          try await canceller.value
          // How fast it is belongs to a benchmark; here only that it does not wait for the commands.
          #expect(time >= .milliseconds(150) && time < .seconds(60))
          #expect(!hasChildren())
          // Cancelled is for good.
          #expect(throws: IsolationError.cancelled) {
            try outcome(sandbox.script("sleep 300"), namespace, cancellation: cancellation)
          }
          #expect(!sandbox.exists("root/proc"))
        }
      }
    }

    @Test("Fifty runs leave no process, no mount and no descriptor")
    func fiftyRuns() async {
      await #expect(processExitsWith: .success) {
        for namespace in Sandbox.namespaces {
          let sandbox = try Sandbox()
          _ = try outcome(sandbox.spec(["true"]), namespace)
          let before = (openDescriptors(), mounts(of: sandbox))
          for _ in 0..<50 {
            let status = try outcome(sandbox.spec(["true"]), namespace).status
            #expect(status == .exited(0))
          }
          #expect(openDescriptors() == before.0)
          #expect(mounts(of: sandbox) == before.1)
          #expect(!hasChildren())
        }
      }
    }

    @Test("Failures leave no process, no mount and no descriptor")
    func failures() async {
      await #expect(processExitsWith: .success) {
        for namespace in Sandbox.namespaces {
          let sandbox = try Sandbox()
          let before = (openDescriptors(), mounts(of: sandbox))
          for _ in 0..<10 { try fail(in: sandbox, namespace) }
          #expect(openDescriptors() == before.0)
          #expect(mounts(of: sandbox) == before.1)
          #expect(!hasChildren())
          #expect(!sandbox.exists("root/proc"))
        }
      }
    }

    @Test("Processes do not outlive their builder", arguments: [true, false])
    func parentDeath(isSingle: Bool) async throws {
      try #require(isSingle || Sandbox.namespaces.contains(.none) || !Sandbox.isRoot)
      let seconds = String(getpid() + 1_000_000)
      let root = sandbox.root
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [root = root as String, seconds = seconds as String, isSingle = isSingle as Bool] in
        var spec = ProcessSpec(root: .directory(bytes(root)), arguments: ["/bin/sleep", seconds].map(bytes))
        spec.environment = []
        // What a builder cannot prepare for.
        Task.detached {
          try await Task.sleep(for: .milliseconds(300))
          kill(getpid(), SIGKILL)
        }
        let namespace: UserNamespace = isSingle || geteuid() != 0 ? .single : .none
        _ = try outcome(spec, namespace)
      }
      let command = bytes("/bin/sleep\0" + seconds + "\0")
      var looks = 0
      while isRunning(command), looks < 200 {
        looks += 1
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(looks < 200)
    }

    @Test("Many runs at a time do not hear of each other")
    func concurrent() async {
      await #expect(processExitsWith: .success) {
        for namespace in Sandbox.namespaces {
          let before = openDescriptors()
          let roots = try (0..<4).map { _ in try Sandbox() }
          try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, sandbox) in roots.enumerated() {
              group.addTask {
                for round in 0..<10 {
                  let result = try outcome(sandbox.script("echo \(index) \(round); exit \(index)"), namespace)
                  #expect(result.status == .exited(Int32(index)))
                  #expect(result.output == "\(index) \(round)\n")
                }
              }
            }
            try await group.waitForAll()
          }
          #expect(openDescriptors() == before)
          #expect(!hasChildren())
        }
      }
    }
  }
}

/// Runs that fail at each stage of their setting up.
private func fail(in sandbox: Sandbox, _ namespace: UserNamespace) throws {
  var spec = sandbox.spec(["missing"])
  #expect(try outcome(spec, namespace).status.shellCode == 127)
  spec.workingDirectory = bytes("/missing")
  #expect(throws: IsolationError.self) { try outcome(spec, namespace) }
  spec = sandbox.spec(["true"])
  spec.root = .overlay(lower: [bytes("/none")], upper: bytes("/none"), work: bytes("/none"))
  #expect(throws: IsolationError.self) { try outcome(spec, namespace) }
  spec = sandbox.spec(["true"])
  spec.hostname = bytes(String(repeating: "x", count: 100))
  #expect(throws: IsolationError.self) { try outcome(spec, namespace) }
  let wrong = UserNamespace.ranges(
    IDMapping(
      users: [IDRange(inside: 0, outside: 0, count: 10), IDRange(inside: 5, outside: 50, count: 10)],
      groups: [IDRange(inside: 0, outside: 0, count: 1)]))
  #expect(throws: IsolationError.self) { try outcome(sandbox.spec(["true"]), wrong) }
}

private func openDescriptors() -> Int {
  (0..<1024).count { fcntl(CInt($0), F_GETFD) >= 0 }
}

/// The mounts of this process that are in the sandbox, its overlays too; other programs of the machine may mount what
/// they like.
private func mounts(of sandbox: Sandbox) -> [String] {
  let table = readHostFile("/proc/self/mountinfo", limit: 1 << 22) ?? []
  return String(decoding: table, as: UTF8.self).split(separator: "\n").map(String.init)
    .filter { $0.contains(sandbox.base) }
}

private func hasChildren() -> Bool {
  var status: CInt = 0
  return unsafe waitpid(-1, &status, WNOHANG) >= 0
}
