import Glibc
import Testing

@testable import Isolation

extension Running {
  @Suite("A process with a terminal")
  struct TerminalTests {
    /// A terminal: what a user sees and types at is `master`.
    private struct Pair: ~Copyable {
      let master: Descriptor
      let terminal: Descriptor

      init() throws {
        let raw = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        try #require(raw >= 0)
        var locked: CInt = 0
        // TIOCSPTLCK and TIOCGPTPEER of ioctl_tty(2).
        #expect(unsafe ioctl(raw, 0x4004_5431, &locked) == 0)
        let other = ioctl(raw, 0x5441, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(other >= 0)
        master = Descriptor(owning: raw)
        terminal = Descriptor(owning: other)
      }

      func shown() throws -> String {
        var text: [UInt8] = []
        while case .bytes(let bytes) = try readBytes(master.raw, limit: 65536) { text += bytes }
        return String(decoding: text, as: UTF8.self)
      }
    }

    @Test("It is the process's own, by its name too, for whatever user", arguments: Sandbox.namespaces)
    func own(namespace: UserNamespace) throws {
      let sandbox = try Sandbox()
      let pair = try Pair()
      var spec = sandbox.spec(["/bin/sh"])
      spec.terminal = UserTerminal(input: pair.terminal.raw, output: pair.terminal.raw)
      if namespace != .single { spec.user = ProcessUser(uid: 1000, gid: 1000) }
      #expect(
        writeBytes(
          pair.master.raw,
          bytes("readlink /proc/self/fd/0; echo x > /dev/tty; echo y > /dev/stdout; exit 3\n"))
          == 0)
      let executor = NamespaceExecutor(userNamespace: namespace)
      let status = try executor.run(spec) { _ in Issue.record("there is no other output") }
      let shown = try pair.shown()
      #expect(status == .exited(3), "\(shown)")
      let lines = shown.split(whereSeparator: \.isNewline)
      for line in ["/dev/pts/0", "x", "y"] { #expect(lines.contains(Substring(line)), "\(shown)") }
      #expect(!sandbox.exists("root/dev"))
    }

    @Test("It goes when the user does", arguments: Sandbox.namespaces)
    func hangUp(namespace: UserNamespace) async throws {
      let sandbox = try Sandbox()
      let pair = try Pair()
      var spec = sandbox.spec(["/bin/sleep", "1000"])
      // Only what is typed at can go; that it is another one than what is looked at makes no difference.
      let input = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      try #require(input >= 0)
      var locked: CInt = 0
      #expect(unsafe ioctl(input, 0x4004_5431, &locked) == 0)
      let terminal = Descriptor(owning: ioctl(input, 0x5441, O_RDWR | O_NOCTTY | O_CLOEXEC))
      spec.terminal = UserTerminal(input: terminal.raw, output: pair.terminal.raw)
      let closing = Task.detached {
        try await Task.sleep(for: .milliseconds(300))
        close(input)
      }
      let executor = NamespaceExecutor(userNamespace: namespace)
      #expect(try executor.run(spec) { _ in } == .signaled(SIGKILL))
      try await closing.value
    }

    @Test("A command that cannot be started says so", arguments: Sandbox.namespaces)
    func notStarted(namespace: UserNamespace) throws {
      let sandbox = try Sandbox()
      let pair = try Pair()
      var spec = sandbox.spec(["/bin/gone"])
      spec.terminal = UserTerminal(input: pair.terminal.raw, output: pair.terminal.raw)
      let executor = NamespaceExecutor(userNamespace: namespace)
      #expect(try executor.run(spec) { _ in } == .notStarted(code: 127, errno: ENOENT))
    }
  }
}
