import Glibc
import Synchronization
import Testing

@testable import Isolation

extension Running {
  @Suite(
    "An overlay as the root", .enabled(if: IsolationProbe.current().overlay == .works, "no overlays here"))
  struct Overlays {
    let sandbox: Sandbox

    init() throws {
      sandbox = try Sandbox()
      try sandbox.shell("mkdir -p \(sandbox.base)/top/etc \(sandbox.base)/upper \(sandbox.base)/work")
      try sandbox.write("below", to: "root/etc/conf")
      try sandbox.write("above", to: "top/etc/conf")
      try sandbox.write("gone", to: "root/etc/gone")
    }

    private func spec(_ text: String) -> ProcessSpec {
      var spec = sandbox.script(text)
      spec.root = .overlay(
        lower: ["top", "root"].map { bytes(sandbox.base + "/" + $0) }, upper: bytes(sandbox.base + "/upper"),
        work: bytes(sandbox.base + "/work"))
      return spec
    }

    @Test(
      "Changes end in the upper directory, removals as whiteouts; the lower ones stay",
      arguments: Sandbox.namespaces)
    func changes(namespace: UserNamespace) throws {
      let result = try outcome(
        spec("cat /etc/conf; rm /etc/gone; echo new > /etc/new; mkdir /made"), namespace)
      #expect(result.status == .exited(0))
      #expect(result.output == "above")
      #expect(sandbox.read("upper/etc/new") == "new\n")
      let whiteout = try sandbox.status("upper/etc/gone")
      #expect(whiteout.st_mode & S_IFMT == S_IFCHR && whiteout.st_rdev == 0)
      #expect(sandbox.read("root/etc/gone") == "gone")
      #expect(sandbox.exists("upper/made"))
    }

    @Test(
      "Mount points that had to be made leave no trace in the upper directory", arguments: Sandbox.namespaces)
    func stubs(namespace: UserNamespace) throws {
      try sandbox.age("top/etc")
      try sandbox.age("upper")
      var spec = spec("cat /etc/hosts /run/secrets/key; echo x >> /etc/hosts")
      spec.hosts = bytes("given ")
      spec.mounts = [
        Mount(
          .file(content: bytes("hush"), mode: 0o400, uid: 0, gid: 0, writable: false),
          at: bytes("/run/secrets/key"))
      ]
      #expect(try outcome(spec, namespace).output == "given hush")
      for path in ["proc", "sys", "dev", "run", "etc/hosts"] {
        #expect(!sandbox.exists("upper/" + path), "\(path)")
      }
      #expect(try sandbox.isAged("upper"))
      if sandbox.exists("upper/etc") { #expect(try sandbox.isAged("upper/etc")) }
    }

    /// As a process that another step has just started, which has every descriptor until it closes them.
    @Test(
      "They leave none either where something still holds the mounts of the process",
      arguments: Sandbox.namespaces)
    func heldMounts(namespace: UserNamespace) throws {
      try sandbox.shell("mkdir \(sandbox.base)/shared")
      var spec = spec("echo ready; until [ -e /shared/go ]; do sleep 0.01; done")
      spec.hosts = bytes("given ")
      spec.mounts = [
        Mount(.temporary(size: nil), at: bytes("/run/made")),
        Mount(
          .bind(HostPath(path: bytes(sandbox.base + "/shared"), isDirectory: true), writable: false),
          at: bytes("/shared")),
      ]
      let held = Mutex<CInt>(-1)
      let go = sandbox.base + "/shared/go"
      let executor = NamespaceExecutor(userNamespace: namespace)
      let status = try executor.run(spec, cancellation: nil) { _ in
        var text = [CChar](repeating: 0, count: 64)
        let children = unsafe open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC)
        _ = unsafe read(children, &text, text.count - 1)
        close(children)
        let pid = String(decoding: text.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        held.withLock { $0 = unsafe open("/proc/\(pid)/ns/mnt", O_RDONLY | O_CLOEXEC) }
        close(unsafe open(go, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
      }
      #expect(status == .exited(0))
      let namespaceHeld = held.withLock { $0 }
      #expect(namespaceHeld >= 0)
      defer { close(namespaceHeld) }
      for path in ["proc", "dev", "run", "etc/hosts", "shared"] {
        #expect(!sandbox.exists("upper/" + path), "\(path)")
      }
    }

    @Test("The upper directory of one run is a lower one of the next", arguments: Sandbox.namespaces)
    func stacked(namespace: UserNamespace) throws {
      #expect(try outcome(spec("rm /etc/gone; echo 1 > /one"), namespace).status == .exited(0))
      try sandbox.shell("mkdir \(sandbox.base)/upper2 \(sandbox.base)/work2")
      var next = sandbox.script("cat /one; ls /etc")
      next.root = .overlay(
        lower: ["upper", "top", "root"].map { bytes(sandbox.base + "/" + $0) },
        upper: bytes(sandbox.base + "/upper2"), work: bytes(sandbox.base + "/work2"))
      #expect(try outcome(next, namespace).output == "1\nconf\n")
    }

    @Test("Names with the characters of mount options, and a hundred layers", arguments: Sandbox.namespaces)
    func names(namespace: UserNamespace) throws {
      let odd = sandbox.base + "/o:d,d=\\ d"
      try sandbox.shell("mkdir '\(odd)' && echo odd > '\(odd)/odd'")
      var lower = [bytes(odd)]
      for index in 0..<100 {
        try sandbox.shell("mkdir \(sandbox.base)/layer\(index)")
        lower.append(bytes(sandbox.base + "/layer\(index)"))
      }
      lower.append(bytes(sandbox.root))
      var spec = spec("cat /odd; grep -c \(sandbox.base) /proc/mounts")
      spec.root = .overlay(
        lower: lower, upper: bytes(sandbox.base + "/upper"), work: bytes(sandbox.base + "/work"))
      #expect(try outcome(spec, namespace).output == "odd\n0\n")
    }

    @Test("The same directories can be mounted again", arguments: Sandbox.namespaces)
    func again(namespace: UserNamespace) throws {
      let time = try ContinuousClock().measure {
        for round in 1...20 {
          let result = try outcome(spec("echo x >> /log; wc -l < /log"), namespace)
          #expect(result.output == "\(round)\n")
        }
      }
      print("20 runs on an overlay, \(namespace): \(time)")
    }

    @Test("A lower directory that is missing is named", arguments: Sandbox.namespaces)
    func missing(namespace: UserNamespace) throws {
      var spec = spec("true")
      let none = bytes(sandbox.base + "/none")
      spec.root = .overlay(
        lower: [bytes(sandbox.root), none], upper: bytes(sandbox.base + "/upper"),
        work: bytes(sandbox.base + "/work"))
      #expect(throws: IsolationError.setup(.overlay, errno: ENOENT, subject: none)) {
        try outcome(spec, namespace)
      }
    }
  }
}
