import Glibc
import TestSupport
import Testing

enum FuseServer {
  static let program = "/usr/bin/fuse-overlayfs"

  /// Whether root and ordinary users can have it here.
  static let works: Bool = {
    var status = stat()
    return geteuid() == 0 && Files.exists(program) && Processes.find("setpriv") != nil
      && (unsafe stat("/dev/fuse", &status)) == 0 && status.st_mode & 0o006 == 0o006
      && BuildCommandTests.Caller.canMakeNamespaces
  }()
}

/// `slipway build --snapshotter fuse-overlayfs`.
@Suite(
  "A build on fuse-overlayfs", .serialized,
  .enabled(if: Processes.slipway != nil && Files.exists("/bin/busybox"), "needs the program and busybox"),
  .enabled(
    if: FuseServer.works, "needs root, fuse-overlayfs, setpriv, and /dev/fuse open to everybody"))
struct FuseOverlayTests {
  typealias Caller = RangeCaller

  static let callers: [Caller] = [.root, .nobody] + (Caller.canGiveRange ? [.range] : [])

  private struct Desk {
    let folder: String

    func command(_ caller: Caller, _ arguments: [String]) throws -> [String] {
      if caller != .root { _ = try Processes.run("chown", ["65534:65534", folder, folder + "/c"]) }
      let isolation = caller == .range ? ["--isolation", "range"] : []
      let words = [try #require(Processes.slipway), "build"] + isolation + arguments
      return try caller.command(folder) + words + [folder + "/c"]
    }

    func environment(_ caller: Caller) -> [String: String] {
      [
        "HOME": folder, "SLIPWAY_ROOT": "\(folder)/store-\(caller)", "TMPDIR": folder,
        "SOURCE_DATE_EPOCH": "1700000000",
      ]
    }

    /// - Parameter before: a command in a mount namespace of its own, before the program is started there.
    func build(_ caller: Caller, _ arguments: String..., before: String? = nil) throws -> ProcessResult {
      var command = try command(caller, arguments)
      if let before {
        command = ["unshare", "--mount", "sh", "-c", before + " && exec \"$@\"", folder] + command
      }
      return try Processes.run(
        command[0], Array(command.dropFirst()), environment: environment(caller), folder: folder)
    }

    /// The processes of fuse-overlayfs that serve something in this desk's folder.
    func servers() throws -> [Int32] {
      try Files.names(in: "/proc").compactMap { Int32($0) }.filter { process in
        guard let bytes = try? Files.read("/proc/\(process)/cmdline") else { return false }
        let line = String(decoding: bytes, as: UTF8.self)
        return line.hasPrefix(FuseServer.program) && line.contains(folder)
      }
    }

    /// What is left of a build whose process has gone.
    func remains() throws -> String {
      // The kernel ends the program of a builder that was killed, at once but not before.
      for _ in 0..<500 where try !servers().isEmpty { usleep(20_000) }
      let mounts = String(decoding: try Files.read("/proc/self/mounts"), as: UTF8.self)
      return try servers().map { "process \($0)\n" }.joined()
        + mounts.split(separator: "\n").filter { $0.contains(folder) }.joined(separator: "\n")
    }
  }

  private func withDesk(_ dockerfile: String, _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      try Files.write(Array("given\n".utf8), to: folder + "/c/given")
      try Files.write(Array((OneIdentityTests.base + dockerfile).utf8), to: folder + "/c/Dockerfile")
      let capable = """
        cd "$0" && mkdir t && cp busybox t/capable && { setcap cap_net_raw+ep t/capable || true; } && \
          tar --xattrs --xattrs-include='*' --numeric-owner --owner 0 --group 0 -cf c.tar -C t capable && rm -r t && touch -d @1500000000 *
        """
      #expect(try Processes.run("sh", ["-c", capable, folder + "/c"]).status == 0)
      try body(Desk(folder: folder))
      #expect(try Desk(folder: folder).remains() == "")
    }
  }

  private static let recipe = """
    ADD c.tar /srv/
    RUN cd /srv && touch a b c && chown 33:44 a && ln -s a l && chown -h 7:8 l && mkfifo p && chown 5:6 p && mkdir -m 2775 d && \\
      chown :60 d && chmod g+s d && touch d/f && ln b h && mknod n c 1 3 && mkdir -p gone/x keep && touch gone/x/y keep/1 keep/2 && \\
      chmod 4755 c && mkdir plain && echo x > plain/f && echo y > plain/g && touch -d @1000000 plain/f plain && touch t u
    USER app
    RUN mkdir /tmp/m && touch /tmp/mine && ln -s mine /tmp/link && mkfifo /tmp/pipe && echo x > /srv/d/app; true
    COPY --chown=80000:9 given /srv/given
    USER root
    RUN cd /srv && chmod 600 plain/f && chown -h 9:9 l && chmod 640 p && chown 3 p && rm -r gone && mkdir gone && touch gone/new && \\
      rm keep/1 && mv keep kept && echo more >> h && mv a moved && chmod o+r c && touch d/g && mkdir d/e && rm /bin/ls && \\
      touch capable && chmod 700 given && mv n node
    RUN cd /srv && echo new > t.new && mv t.new t && rm t && echo new > u.new && mv u.new u && mv u v && touch -d @77 plain && chmod 640 plain/g
    USER app
    RUN rm /tmp/link && ln -s nowhere /tmp/link && mv /tmp/pipe /tmp/m/pipe && echo y >> /tmp/mine
    USER root
    RUN rm -r /tmp/m && stat -c '%n %u:%g %a %F %h' /srv/* /srv/d/* /tmp/* > /etc/seen
    """

  @Test("gives the same image as an overlay of the kernel and as a comparison, whoever builds")
  func same() throws {
    try withDesk(Self.recipe) { desk in
      var digests: [String: [String]] = [:]
      for caller in Self.callers {
        for snapshotter in ["overlay", "fuse-overlayfs", "diff"] {
          let built = try desk.build(caller, "-q", "--no-cache", "--snapshotter", snapshotter)
          #expect(built.status == 0, "\(caller), \(snapshotter): \(built.errorText)")
          digests[built.outputText, default: []].append("\(caller) \(snapshotter)")
        }
      }
      #expect(digests.count == 1, "\(digests)")
    }
  }

  @Test("leaves nothing where the command fails", arguments: callers)
  func failed(caller: RangeCaller) throws {
    try withDesk("RUN touch /made && rm /bin/ls && exit 3\n") { desk in
      let built = try desk.build(caller, "--progress", "plain", "--snapshotter", "fuse-overlayfs")
      #expect(built.status == 1, "\(built.errorText)")
      #expect(built.errorText.contains("RUN exited with 3"), "\(built.errorText)")
      #expect(try Files.names(in: "\(desk.folder)/store-\(caller)/tmp").isEmpty)
    }
  }

  /// Starts a build and gives what it has, when its command runs, to a body.
  private func whileRunning(
    _ caller: Caller, _ desk: Desk, _ body: (_ server: Int32, _ log: String) throws -> Void
  ) throws {
    let log = desk.folder + "/log"
    let words = ["--progress", "plain", "--snapshotter", "fuse-overlayfs"]
    let process = try BackgroundProcess(
      try desk.command(caller, words), log: log, environment: desk.environment(caller))
    var text = ""
    for _ in 0..<3000 {
      text = Files.exists(log) ? String(decoding: try Files.read(log), as: UTF8.self) : ""
      if text.contains("is running") { break }
      usleep(20_000)
    }
    try #require(text.contains("is running"), "\(text)")
    try body(try #require(try desk.servers().first), log)
    withExtendedLifetime(process) {}
  }

  private static let waiting = "RUN echo is run''ning; sleep 600\n"

  @Test("leaves no process and no mount where the builder is killed", arguments: [RangeCaller.root, .nobody])
  func killed(caller: RangeCaller) throws {
    // The builder is killed at the end of the body, and what it has left is looked for after that.
    try withDesk(Self.waiting) { desk in try whileRunning(caller, desk) { _, _ in } }
  }

  @Test(
    "fails where fuse-overlayfs does not live as long as the command", arguments: [RangeCaller.root, .nobody])
  func died(caller: RangeCaller) throws {
    try withDesk("RUN echo is run''ning; while stat /bin/busybox; do sleep 0.1; done >/dev/null 2>&1\n") {
      desk in
      try whileRunning(caller, desk) { server, log in
        #expect(kill(server, SIGKILL) == 0)
        var text = ""
        for _ in 0..<3000 where !text.contains("signal 9") {
          usleep(20_000)
          text = String(decoding: try Files.read(log), as: UTF8.self)
        }
        #expect(text.contains("fuse-overlayfs has ended before its time (signal 9)"), "\(text)")
      }
    }
  }

  @Test("says what is missing, and what to do")
  func refused() throws {
    try withDesk("RUN true\n") { desk in
      let forced = ["--progress", "plain", "--snapshotter", "fuse-overlayfs"]
      let hidden = "mount --bind /dev/null \(FuseServer.program)"
      let missing = try desk.build(.nobody, forced[0], forced[1], forced[2], forced[3], before: hidden)
      #expect(missing.status == 1)
      #expect(missing.errorText.contains("fuse-overlayfs is not installed"), "\(missing.errorText)")
      #expect(missing.errorText.contains("Debian package fuse-overlayfs"), "\(missing.errorText)")
      let closed = "touch \"$0/closed\" && chmod 600 \"$0/closed\" && mount --bind \"$0/closed\" /dev/fuse"
      let device = try desk.build(.nobody, forced[0], forced[1], forced[2], forced[3], before: closed)
      #expect(device.status == 1)
      #expect(device.errorText.contains("cannot open /dev/fuse (Permission denied)"), "\(device.errorText)")
      #expect(device.errorText.contains("chmod 666 /dev/fuse"), "\(device.errorText)")
      let chroot = try desk.build(.root, "--isolation", "chroot", "--snapshotter", "fuse-overlayfs")
      #expect(chroot.status == 1)
      #expect(chroot.errorText.contains("an overlay needs namespaces"), "\(chroot.errorText)")
      let usual = try desk.build(.nobody, "-q", before: hidden)
      #expect(usual.status == 0, "without the option nothing is missing: \(usual.errorText)")
    }
  }

  @Test("--explain-isolation says how changes are found, and why not better")
  func explained() throws {
    try withDesk("FROM scratch\n") { desk in
      func explanation(_ caller: Caller, _ snapshotter: String, before: String? = nil) throws -> String {
        let built = try desk.build(
          caller, "-q", "--explain-isolation", "--snapshotter", snapshotter, before: before)
        return built.errorText
      }
      #expect(try explanation(.nobody, "fuse-overlayfs").contains("changes of RUN: fuse-overlayfs\n"))
      #expect(try explanation(.root, "fuse-overlayfs").contains("changes of RUN: fuse-overlayfs\n"))
      #expect(
        try explanation(.nobody, "diff").contains(
          "changes of RUN: a comparison of all files before and after\n"))
      let hidden = try explanation(
        .nobody, "fuse-overlayfs", before: "mount --bind /dev/null \(FuseServer.program)")
      #expect(
        hidden.contains("changes of RUN: none: RUN fails with --snapshotter fuse-overlayfs\n"), "\(hidden)")
      #expect(hidden.contains("Fuse-overlayfs is not installed: install it"), "\(hidden)")
    }
  }

  @Test(
    "a shell after a failure sees what the command has left",
    .enabled(if: TerminalSession.isPossible, "needs python3"))
  func shell() throws {
    try withDesk("RUN echo left > /made && rm /bin/ls && false\n") { desk in
      let words = try desk.command(.nobody, ["--on-fail", "shell", "--snapshotter", "fuse-overlayfs"])
      var environment: [String: String?] = ["TERM": "vt100", "NO_COLOR": "1"]
      for (name, value) in desk.environment(.nobody) { environment[name] = value }
      let result = try TerminalSession.run(
        words, environment: environment, folder: desk.folder,
        [
          .type("test -e /bin/ls || echo g''one; cat /made; exit\n", after: "ends the build")
        ])
      #expect(result.shown.contains("gone") && result.shown.contains("left"), "\(result.shown)")
    }
  }
}
