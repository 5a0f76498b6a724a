import Glibc
import Testing

@testable import Isolation

extension Running {
  @Suite("How a process ends")
  struct Outcomes {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("The exit code comes back", arguments: Sandbox.namespaces)
    func exitCodes(namespace: UserNamespace) throws {
      for code: Int32 in [0, 3, 255] {
        #expect(try outcome(sandbox.script("exit \(code)"), namespace).status == .exited(code))
      }
    }

    @Test(
      "A command that is not there is 127, one that cannot be executed is 126", arguments: Sandbox.namespaces)
    func notStarted(namespace: UserNamespace) throws {
      try sandbox.write("text", to: "root/bin/text")
      for command in ["missing", "/bin/missing", "/bin/text/below"] {
        let status = try outcome(sandbox.spec([command]), namespace).status
        #expect(status.shellCode == 127, "\(command)")
      }
      #expect(
        try outcome(sandbox.spec(["text"]), namespace).status == .notStarted(code: 126, errno: EACCES))
      #expect(
        try outcome(sandbox.spec(["/tmp"]), namespace).status == .notStarted(code: 126, errno: EACCES))
      try sandbox.shell("chmod 755 \(sandbox.root)/bin/text")
      #expect(
        try outcome(sandbox.spec(["text"]), namespace).status == .notStarted(code: 126, errno: ENOEXEC))
      #expect(try outcome(sandbox.spec([""]), namespace).status == .notStarted(code: 127, errno: ENOENT))
    }

    @Test("PATH is the image's, searched inside the root", arguments: Sandbox.namespaces)
    func pathLookup(namespace: UserNamespace) throws {
      try sandbox.shell("mkdir -p \(sandbox.root)/opt && ln -s ../bin/busybox \(sandbox.root)/opt/true")
      var spec = sandbox.spec(["true"])
      #expect(try outcome(spec, namespace).status == .exited(0))
      spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes("/missing:/opt"))]
      #expect(try outcome(spec, namespace).status == .exited(0))
      spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes("/missing"))]
      #expect(try outcome(spec, namespace).status.shellCode == 127)
      spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes(":/missing"))]
      spec.workingDirectory = bytes("/opt")
      #expect(try outcome(spec, namespace).status == .exited(0))
    }

    @Test("As PID 1 a process is immune to its own signals", arguments: Sandbox.namespaces)
    func ownSignals(namespace: UserNamespace) throws {
      for signal in ["TERM", "KILL"] {
        let result = try outcome(sandbox.script("kill -\(signal) $$; echo $$"), namespace)
        #expect(result.status == .exited(0))
        #expect(result.output == "1\n")
      }
    }

    @Test("A child's death by signal is the shell's to report", arguments: Sandbox.namespaces)
    func childSignals(namespace: UserNamespace) throws {
      #expect(try outcome(sandbox.script("sh -c 'kill -9 $$'; exit $?"), namespace).status == .exited(137))
      #expect(Isolation.ExitStatus.signaled(9).shellCode == 137)
    }

    @Test("Death by a signal from outside is told apart from an exit code", arguments: Sandbox.namespaces)
    func limitSignal(namespace: UserNamespace) throws {
      // The kernel kills PID 1 too when its processor time is up.
      var spec = sandbox.script("while :; do :; done")
      spec.limits = [ResourceLimit(.cpu, soft: 1, hard: 1)]
      #expect(try outcome(spec, namespace).status == .signaled(SIGKILL))
    }

    @Test("R15: orphans die with the command, which is not waited for longer", arguments: Sandbox.namespaces)
    func orphans(namespace: UserNamespace) throws {
      let clock = ContinuousClock()
      let time = try clock.measure {
        let result = try outcome(sandbox.script("sleep 300 & sleep 300 >/dev/null 2>&1 & echo bg"), namespace)
        #expect(result.status == .exited(0))
        #expect(result.output == "bg\n")
      }
      // Far from the 300 seconds of the orphans, however busy the machine is.
      #expect(time < .seconds(100))
    }

    @Test("Output that a command closes early is no end", arguments: Sandbox.namespaces)
    func closedOutput(namespace: UserNamespace) throws {
      let result = try outcome(sandbox.script("echo a; exec >&- 2>&-; sleep 0.2; exit 4"), namespace)
      #expect(result.status == .exited(4))
      #expect(result.output == "a\n")
    }

    @Test("Both streams drain while the command runs, every byte of them", arguments: Sandbox.namespaces)
    func largeOutput(namespace: UserNamespace) throws {
      let spec = sandbox.script(
        "head -c 5000000 /dev/zero >&2 & head -c 5000000 /dev/zero; wait; printf end; printf END >&2")
      let result = try outcome(spec, namespace)
      #expect(result.status == .exited(0))
      #expect(result.output.utf8.count == 5_000_003)
      #expect(result.error.utf8.count == 5_000_003)
      #expect(result.output.hasSuffix("end") && result.error.hasSuffix("END"))
    }

    @Test("A specification that the kernel would misread is refused")
    func invalid() throws {
      let namespace = Sandbox.namespaces[0]
      #expect(throws: IsolationError.invalid(.noArguments)) { try outcome(sandbox.spec([]), namespace) }
      #expect(throws: IsolationError.invalid(.nulByte(in: bytes("a\0b")))) {
        try outcome(sandbox.spec(["true", "a\0b"]), namespace)
      }
      var spec = sandbox.spec(["true"])
      spec.environment = [EnvironmentVariable(name: bytes("A=B"), value: [])]
      #expect(throws: IsolationError.invalid(.environmentName(bytes("A=B")))) { try outcome(spec, namespace) }
      spec = sandbox.spec(["true"])
      spec.workingDirectory = bytes("tmp")
      #expect(throws: IsolationError.invalid(.relativePath(bytes("tmp")))) { try outcome(spec, namespace) }
      spec.workingDirectory = bytes("/missing")
      #expect(
        throws: IsolationError.setup(.workingDirectory, errno: ENOENT, subject: bytes("/missing"))
      ) { try outcome(spec, namespace) }
    }

    @Test("A root that is missing is named")
    func missingRoot() throws {
      let path = bytes(sandbox.base + "/none")
      let spec = ProcessSpec(root: .directory(path), arguments: [bytes("true")])
      #expect(throws: IsolationError.setup(.root, errno: ENOENT, subject: path)) {
        try outcome(spec, Sandbox.namespaces[0])
      }
    }
  }
}
