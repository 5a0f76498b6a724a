import Glibc
import Synchronization
import Testing

@testable import Isolation

extension Running {
  @Suite("Another root directory and nothing more", .enabled(if: Sandbox.isRoot, "needs root"))
  struct Chroot {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("It sees the root's files, a /dev of its own, and no /proc")
    func files() throws {
      let spec = sandbox.script(
        """
        pwd; id -u; ls -A /proc /sys; ls /dev; head -c 3 /dev/zero | wc -c; echo x > /dev/null; stat -c %a /dev/shm
        test -e \(sandbox.root) || echo apart
        """)
      let result = try outcome(spec)
      let expected = [
        "/", "0", "/proc:", "/sys:", "core", "fd", "full", "null", "random", "shm", "stderr", "stdin",
        "stdout", "tty",
        "urandom", "zero", "3", "1777", "apart",
      ]
      #expect(result.output.split(separator: "\n").map(String.init) == expected)
      for folder in ["proc", "sys", "dev"] { #expect(!sandbox.exists("root/" + folder)) }
      #expect(try besides().isEmpty)
    }

    @Test("It cannot change the root again")
    func escape() throws {
      let result = try outcome(sandbox.script("mkdir /x; busybox chroot /x /bin/true; echo $?"))
      #expect(result.error.contains("Operation not permitted"))
    }

    @Test("Environment, descriptors, working directory and user are as with namespaces")
    func surroundings() throws {
      let leaky = dup2(1, 77)
      defer { _ = close(leaky) }
      var spec = sandbox.script("env; pwd; umask; id -u; id -G; (: >&77) 2>/dev/null || echo closed")
      spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes("/bin"))]
      spec.workingDirectory = bytes("/tmp")
      spec.user = ProcessUser(uid: 1000, gid: 50, groups: [60])
      let output = try outcome(spec).output.split(separator: "\n").map(String.init)
      #expect(output.contains("PATH=/bin") && output.count { $0.hasPrefix("PATH") } == 1)
      #expect(output.suffix(5) == ["/tmp", "0022", "1000", "50 60", "closed"])
    }

    @Test("hosts and resolv.conf are given ones, and the image's come back with their times")
    func configuration() throws {
      try sandbox.write("image", to: "root/etc/hosts")
      try sandbox.shell(
        "ln -s /run/none/resolv.conf \(sandbox.root)/etc/resolv.conf; mkdir \(sandbox.root)/dev")
      try sandbox.write("image", to: "root/dev/own")
      for path in ["root/etc/hosts", "root/etc", "root/dev", "root"] { try sandbox.age(path) }
      var spec = sandbox.script(
        "cat /etc/hosts /etc/resolv.conf; echo more >> /etc/hosts; rm /etc/resolv.conf")
      spec.hosts = bytes("given ")
      spec.resolverConfiguration = bytes("resolver")
      #expect(try outcome(spec).output == "given resolver")
      #expect(sandbox.read("root/etc/hosts") == "image")
      #expect(sandbox.read("root/dev/own") == "image")
      #expect(try sandbox.status("root/etc/resolv.conf").st_mode & S_IFMT == S_IFLNK)
      for path in ["root/etc/hosts", "root/dev", "root"] { #expect(try sandbox.isAged(path), "\(path)") }
      #expect(try besides().isEmpty)
    }

    @Test("What the command changes itself stays, with its times")
    func changes() throws {
      for path in ["root/etc", "root"] { try sandbox.age(path) }
      var spec = sandbox.script("echo a > /etc/new; echo b > /new; mkdir /proc/below")
      spec.hosts = bytes("given")
      #expect(try outcome(spec).status == .exited(0))
      #expect(sandbox.read("root/etc/new") == "a\n" && sandbox.read("root/new") == "b\n")
      #expect(try !sandbox.isAged("root/etc") && !sandbox.isAged("root"))
      #expect(
        sandbox.exists("root/proc/below") && !sandbox.exists("root/sys") && !sandbox.exists("root/etc/hosts"))
    }

    @Test("Kernel folders stay where they are wanted, as with namespaces")
    func kernelFolders() throws {
      var spec = sandbox.script("true")
      spec.keepsKernelFolders = true
      #expect(try outcome(spec).status == .exited(0))
      for folder in ["proc", "sys", "dev"] {
        #expect(try sandbox.status("root/" + folder).st_mode == S_IFDIR | 0o755)
      }
    }

    @Test("No link of the image leads out of it, before or after")
    func links() throws {
      try sandbox.shell("mkdir \(sandbox.base)/outside; rmdir \(sandbox.root)/etc")
      try sandbox.write("kept", to: "outside/hosts")
      try sandbox.shell("ln -s ../../outside \(sandbox.root)/etc; ln -s ../../outside \(sandbox.root)/dev")
      var spec = sandbox.script("rm -r /dev; ln -s /etc /dev")
      spec.hosts = bytes("given")
      // Inside the root /outside is not there.
      #expect(throws: IsolationError.mountPoint(path: bytes("/etc"), errno: EEXIST)) { try outcome(spec) }
      try sandbox.shell("mkdir \(sandbox.root)/outside")
      #expect(try outcome(spec).status == .exited(0))
      #expect(sandbox.read("outside/hosts") == "kept")
      #expect(try sandbox.status("root/dev").st_mode & S_IFMT == S_IFLNK)
      #expect(!sandbox.exists("root/outside/hosts"))
      #expect(try besides() == ["outside"])
    }

    @Test("Exit codes and signals come back, and a missing command is 127")
    func status() throws {
      #expect(try outcome(sandbox.script("exit 7")).status == .exited(7))
      #expect(try outcome(sandbox.script("kill -9 $$")).status == .signaled(SIGKILL))
      #expect(try outcome(sandbox.script("kill -SEGV $$")).status == .signaled(SIGSEGV))
      #expect(try outcome(sandbox.spec(["missing"])).status.shellCode == 127)
    }

    @Test("R15: a daemon that a command leaves is ended with it, whatever it ignores")
    func daemons() throws {
      let seconds = String(getpid() + 2_000_000)
      let spec = sandbox.script(
        """
        for i in 1 2 3; do
          (trap '' TERM HUP INT; setsid sh -c 'trap "" TERM HUP INT; setsid sleep \(seconds) & sleep \(seconds)' \
            >/dev/null 2>&1 &)
        done
        sleep 0.3; echo done
        """)
      #expect(try outcome(spec).output == "done\n")
      #expect(!isRunning(bytes("sleep\0" + seconds + "\0")))
    }

    @Test("Cancelling ends everything")
    func cancelling() async throws {
      let cancellation = try Cancellation()
      let canceller = Task.detached {
        try await Task.sleep(for: .milliseconds(300))
        cancellation.cancel()
      }
      let seconds = String(getpid() + 3_000_000)
      let spec = sandbox.script("trap '' TERM; (setsid sleep \(seconds) &); sleep \(seconds)")
      #expect(throws: IsolationError.cancelled) { try outcome(spec, cancellation) }
      try await canceller.value
      #expect(!isRunning(bytes("sleep\0" + seconds + "\0")))
      #expect(try besides().isEmpty)
    }

    @Test("Nothing outlives a builder that is killed")
    func parentDeath() async throws {
      let seconds = String(getpid() + 4_000_000)
      let root = sandbox.root
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [root = root as String, seconds = seconds as String] in
        let script = "(setsid sleep \(seconds) &); sleep \(seconds)"
        var spec = ProcessSpec(
          root: .directory(bytes(root)), arguments: ["/bin/sh", "-c", script].map(bytes))
        spec.environment = [EnvironmentVariable(name: bytes("PATH"), value: bytes("/bin"))]
        Task.detached {
          try await Task.sleep(for: .milliseconds(300))
          kill(getpid(), SIGKILL)
        }
        _ = try ChrootExecutor().run(spec, cancellation: nil) { _ in }
      }
      var looks = 0
      while isRunning(bytes("sleep\0" + seconds + "\0")), looks < 200 {
        looks += 1
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(looks < 200)
    }

    @Test("What cannot be had is an error, and never had less well")
    func refusals() throws {
      var spec = sandbox.script("true")
      spec.network = .none
      #expect(throws: IsolationError.needsNamespaces(.network)) { try outcome(spec) }
      spec.network = .default
      let secret = Mount.Kind.file(content: bytes("s"), mode: 0o400, uid: 0, gid: 0, writable: false)
      let bind = Mount.Kind.bind(HostPath(path: bytes("/tmp"), isDirectory: true), writable: false)
      for kind in [secret, bind, .temporary(size: nil)] {
        spec.mounts = [Mount(kind, at: bytes("/m"))]
        #expect(throws: IsolationError.needsNamespaces(.mount(bytes("/m")))) { try outcome(spec) }
      }
      spec.mounts = []
      spec.root = .overlay(lower: [bytes("/none")], upper: bytes("/none"), work: bytes("/none"))
      #expect(throws: IsolationError.needsNamespaces(.overlay)) { try outcome(spec) }
      #expect(!sandbox.exists("root/dev"))
    }

    @Test("Files for the command's /dev are copied, and gone afterwards")
    func scripts() throws {
      try sandbox.shell("mkdir \(sandbox.base)/pipes")
      try sandbox.write("#!/bin/sh\necho script\n", to: "pipes/EOF")
      var spec = sandbox.spec(["/dev/pipes/EOF"])
      let source = HostPath(path: bytes(sandbox.base + "/pipes"), isDirectory: true)
      spec.mounts = [Mount(.bind(source, writable: false), at: bytes("/dev/pipes"))]
      #expect(try outcome(spec).output == "script\n")
      #expect(!sandbox.exists("root/dev"))
    }

    /// What lies beside the root.
    private func besides() throws -> [String] {
      let listing = Mutex<[String]>([])
      guard let stream = unsafe opendir(sandbox.base) else { return ["?"] }
      defer { _ = unsafe closedir(stream) }
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
          unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if ![".", "..", "root"].contains(name) { listing.withLock { $0.append(name) } }
      }
      return listing.withLock { $0.sorted() }
    }

    private func outcome(_ spec: ProcessSpec, _ cancellation: Cancellation? = nil) throws -> Outcome {
      let collected = Mutex<(output: [UInt8], error: [UInt8])>(([], []))
      let status = try ChrootExecutor().run(spec, cancellation: cancellation) { chunk in
        collected.withLock { pair in
          switch chunk.stream {
          case .standardOutput: pair.output += chunk.bytes
          case .standardError: pair.error += chunk.bytes
          }
        }
      }
      return collected.withLock { pair in
        Outcome(
          status: status, output: String(decoding: pair.output, as: UTF8.self),
          error: String(decoding: pair.error, as: UTF8.self))
      }
    }
  }
}

/// Whether a process with this command line runs on the machine.
func isRunning(_ commandLine: [UInt8]) -> Bool {
  (1..<65536).contains { readHostFile("/proc/\($0)/cmdline", limit: 4096) == commandLine }
}
