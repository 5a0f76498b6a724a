import Glibc
import TestSupport
import Testing

/// As whom the program runs.
enum RangeCaller {
  case root, range, nobody

  static let start = 300_000

  /// The command that gives nobody a range, with a folder for its files behind it.
  /// - Parameter helper: what is in the place of newuidmap.
  func command(_ folder: String, helper: String? = nil) throws -> [String] {
    let become = "setpriv --reuid 65534 --regid 65534 --clear-groups"
    switch self {
    case .root: return []
    case .nobody: return become.split(separator: " ").map(String.init)
    case .range:
      for name in ["subuid", "subgid"] {
        try Files.write(Array("65534:\(Self.start):65536\n".utf8), to: "\(folder)/\(name)")
      }
      var mounts = ["subuid", "subgid"].map { "mount --bind \"$0\"/\($0) /etc/\($0) && " }.joined()
      if let helper { mounts += "mount --bind \(helper) \(Processes.find("newuidmap") ?? "") && " }
      let script = mounts + "exec \(become) \"$@\""
      return ["unshare", "--mount", "sh", "-c", script, folder]
    }
  }

  /// Whether all that the range needs works here, told by other programs than the one under test.
  static let canGiveRange: Bool = {
    guard geteuid() == 0, Files.exists("/etc/subuid"), Files.exists("/etc/subgid"),
      Processes.find("newuidmap") != nil, Processes.find("newgidmap") != nil
    else { return false }
    let result = try? Files.withTemporaryFolder { folder in
      let words = ["unshare", "--user", "--map-root-user", "--map-users=auto", "--map-groups=auto", "true"]
      let command = try RangeCaller.range.command(folder) + words
      return try Processes.run(command[0], Array(command.dropFirst()))
    }
    return result?.status == 0
  }()
}

/// `slipway build` by an ordinary user with a range in /etc/subuid.
///
/// The user is nobody; the range is given to it in a mount namespace of the test's own, so that the machine's files stay as
/// they are.
@Suite(
  "A build with a range of identities", .serialized,
  .enabled(if: Processes.slipway != nil && Files.exists("/bin/busybox"), "needs the program and busybox"),
  .enabled(
    if: RangeCaller.canGiveRange,
    "needs root, newuidmap (Debian package uidmap), setpriv, unshare, /etc/subuid and /etc/subgid"))
struct RangeTests {
  typealias Caller = RangeCaller

  struct Desk {
    let folder: String

    /// - Parameters:
    ///   - helper: what is in the place of newuidmap.
    ///   - wrapper: a command that runs it all.
    func slipway(
      _ caller: Caller, _ arguments: [String], helper: String? = nil, wrapper: [String] = []
    ) throws -> ProcessResult {
      if caller != .root { _ = try Processes.run("chown", ["65534:65534", folder, folder + "/c"]) }
      let program = try #require(Processes.slipway)
      let command = try wrapper + caller.command(folder, helper: helper) + [program] + arguments
      return try Processes.run(
        command[0], Array(command.dropFirst()),
        environment: [
          "HOME": folder, "SLIPWAY_ROOT": "\(folder)/store-\(caller == .root ? "root" : "user")",
          "TMPDIR": folder, "SOURCE_DATE_EPOCH": "1700000000",
        ], folder: folder)
    }

    /// What in the user's store belongs to somebody else.
    func strangers() throws -> String {
      try Processes.run("find", [folder + "/store-user", "!", "-uid", "65534"]).outputText
    }
  }

  private func withDesk(_ dockerfile: String, _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      try Files.write(Array("given\n".utf8), to: folder + "/c/given")
      try Files.write(Array((OneIdentityTests.base + dockerfile).utf8), to: folder + "/c/Dockerfile")
      #expect(try Processes.run("sh", ["-c", "touch -d @1500000000 \(folder)/c/*"]).status == 0)
      try body(Desk(folder: folder))
    }
  }

  /// The files of the image, and what a command of it has seen.
  private func listing(_ caller: Caller, _ desk: Desk) throws -> String {
    let tar = "\(desk.folder)/\(caller).tar"
    let built = try desk.slipway(
      caller, ["build", "--progress", "plain", "-o", "type=tar,dest=\(tar)", "c"])
    #expect(built.status == 0, "\(caller): \(built.errorText)")
    let files = try Processes.run(
      "tar", ["tvf", tar, "--numeric-owner", "--full-time", "--xattrs"])
    return files.outputText + (try Processes.run("tar", ["xOf", tar, "etc/seen"]).outputText)
  }

  @Test("gives the same image as root's", arguments: OneIdentityTests.recipes.keys.sorted())
  func sameAsRoot(name: String) throws {
    try withDesk(try #require(OneIdentityTests.recipes[name])) { desk in
      let (root, range) = (try listing(.root, desk), try listing(.range, desk))
      #expect(root == range)
      let strangers = try desk.strangers()
      #expect(strangers.isEmpty)
    }
  }

  @Test(
    "gives the same digest as root's and as that of a user without a range", arguments: ["overlay", "diff"])
  func sameDigest(snapshotter: String) throws {
    let recipe = """
      RUN cd /srv && touch a b && chown 33:44 a && chown 100000:70000 b && mknod n c 1 3 && ln -s a l && chown -h 70000 l && \\
        mkfifo p && chown 5:70000 p && mkdir -m 2775 d && chown 70000:60 d && touch d/f
      USER app
      RUN touch /tmp/mine
      COPY --chown=80000:9 given /srv/given
      USER root
      RUN cd /srv && mv b c && chown 3 c && chown 70000:70000 a && mv l m && chmod 4755 given && cp -a n o

      """
    try withDesk(recipe) { desk in
      var digests: Set<String> = []
      for (caller, isolation) in [
        (Caller.root, "auto"), (.range, "auto"), (.range, "range"), (.range, "namespace"), (.nobody, "auto"),
      ] {
        let options = ["--no-cache", "--snapshotter", snapshotter, "--isolation", isolation]
        let built = try desk.slipway(caller, ["build", "-q"] + options + ["c"])
        #expect(built.status == 0, "\(caller): \(built.errorText)")
        digests.insert(built.outputText)
      }
      #expect(digests.count == 1)
    }
  }

  @Test("holds a user of USER to what it may do")
  func access() throws {
    let recipe = """
      RUN echo secret > /etc/secret && chmod 600 /etc/secret && chown app /dev/null && chown 70000 /dev/zero
      USER app
      RUN ! cat /etc/secret && ! touch /etc/mine && ! chown 1 /etc/passwd && ! mknod /tmp/n c 1 3 && \\
        grep '^Uid:.50.50.50.50' /proc/self/status

      """
    try withDesk(recipe) { desk in
      let built = try desk.slipway(.range, ["build", "c"])
      #expect(built.status == 0, "\(built.errorText)")
    }
  }

  @Test("emulates a user above the range as if there were none, unless the range is asked for by name")
  func userAbove() throws {
    let recipe = """
      RUN chmod 777 /srv && mkdir -m 2775 /srv/given && chown 33:44 /srv/given && chown 70000:70000 /srv/given/../../etc/passwd
      USER 70000:44
      RUN test "$(id -u):$(id -g)" = 70000:44 && cd /srv && touch f given/f && mkdir d && ln -s f l && mkfifo p && \
        chmod 4755 f && chown 70000:44 f && ! chown 1 f && ! mknod n c 1 3 && stat -c '%n %u:%g %a' * given/f > seen
      USER app
      RUN cd /srv && ! mkdir given/no && cat seen > /tmp/seen
      USER root
      RUN cd /srv && chown 5:6 f l && chown 70000 given/f && cp -a p q && mv d e

      """
    try withDesk(recipe) { desk in
      var digests: Set<String> = []
      for caller in [Caller.root, .range] {
        let built = try desk.slipway(caller, ["build", "-q", "--no-cache", "c"])
        #expect(built.status == 0, "\(caller): \(built.errorText)")
        digests.insert(built.outputText)
      }
      #expect(digests.count == 1)
      let named = try desk.slipway(.range, ["build", "--no-cache", "--isolation", "range", "c"])
      #expect(named.status == 1)
      #expect(named.errorText.contains("user 70000 does not exist in the user namespace of this build"))
      #expect(named.errorText.contains("without --isolation range"))
    }
  }

  @Test("takes one identity where newuidmap fails, and says so", arguments: ["/bin/false", "/dev/null"])
  func helperFails(helper: String) throws {
    try withDesk("USER app\nRUN id -u > /tmp/id\n") { desk in
      let built = try desk.slipway(.range, ["build", "--explain-isolation", "-q", "c"], helper: helper)
      #expect(built.status == 0, "\(built.errorText)")
      #expect(built.errorText.contains("in a user namespace of one user"))
      let sentence =
        helper == "/bin/false"
        ? "a range of /etc/subuid fails: " : "newuidmap and newgidmap are not installed"
      #expect(built.errorText.contains(sentence), "\(built.errorText)")
      #expect(built.outputText == (try desk.slipway(.nobody, ["build", "-q", "--no-cache", "c"])).outputText)
      #expect(!Files.exists(desk.folder + "/store-user/other-owners"))
      let named = try desk.slipway(.range, ["build", "--isolation", "range", "c"], helper: helper)
      #expect(named.status == 2)
    }
  }

  @Test("takes one identity where the store's files cannot be given away, and leaves nothing behind")
  func ownersRefused() throws {
    try withDesk("RUN id -u > /tmp/id\n") { desk in
      let fixture = TestSupport.packageRoot + "/Fixtures/isolation/refuse-call.py"
      let wrapper = [try #require(Processes.find("python3")), fixture, "fchown"]
      let built = try desk.slipway(.range, ["build", "--explain-isolation", "-q", "c"], wrapper: wrapper)
      #expect(built.status == 0, "\(built.errorText)")
      #expect(built.errorText.contains("in a user namespace of one user"))
      #expect(built.errorText.contains("does not take other owners (Operation not permitted)"))
      let doctor = try desk.slipway(.range, ["doctor"], wrapper: wrapper)
      #expect(doctor.outputText.contains("does not take other owners (Operation not permitted)"))
      let named = try desk.slipway(.range, ["build", "--isolation", "range", "c"], wrapper: wrapper)
      #expect(named.status == 2)
      #expect(named.errorText.contains("--isolation range: the file system of "), "\(named.errorText)")
      #expect(try Files.names(in: desk.folder).filter { $0.hasPrefix(".slipway") }.isEmpty)
      #expect(try Files.names(in: desk.folder + "/store-user").filter { $0.hasPrefix(".slipway") }.isEmpty)
    }
  }

  @Test("has cache mounts of its own, which prune removes with all that a killed build has left")
  func leftovers() throws {
    let recipe = """
      RUN --mount=type=cache,target=/cache mkdir -p /cache/d && chown 33:44 /cache/d && chmod 700 /cache/d && ls /cache

      """
    try withDesk(recipe) { desk in
      #expect(try desk.slipway(.range, ["build", "-q", "c"]).status == 0)
      #expect(try desk.strangers().contains("/d\n"))
      // As a build that was killed would leave it.
      let left = desk.folder + "/store-user/tmp/1-0"
      let made = "mkdir -p $0/d && chown 65534:65534 $0 && chown 300004:300004 $0/d && chmod 700 $0/d"
      #expect(try Processes.run("sh", ["-c", made, left]).status == 0)
      let other = try desk.slipway(.nobody, ["build", "-q", "--no-cache", "c"])
      #expect(other.status == 0, "\(other.errorText)")
      let pruned = try desk.slipway(.range, ["prune", "-af"])
      #expect(pruned.status == 0, "\(pruned.errorText)")
      #expect(pruned.outputText.contains("/cache (range)\n") && pruned.outputText.contains("/cache\n"))
      #expect(try desk.strangers().isEmpty)
      #expect(!Files.exists(desk.folder + "/store-user/other-owners"))
    }
  }

  @Test("Who cannot remove files of others removes all the rest, and is told")
  func cannotRemove() throws {
    try withDesk(
      "RUN --mount=type=cache,target=/cache mkdir -m 700 /cache/d && touch /cache/d/f && chown 3 /cache/d\n"
    ) {
      desk in
      #expect(try desk.slipway(.range, ["build", "-q", "c"]).status == 0)
      let steps = try desk.slipway(.nobody, ["prune", "-f", "--filter", "type=regular"])
      #expect(steps.status == 0 && steps.outputText.contains("freed"), "\(steps.errorText)")
      let pruned = try desk.slipway(.nobody, ["prune", "-af"])
      #expect(pruned.status == 2)
      #expect(pruned.errorText.contains("files of identities of /etc/subuid"), "\(pruned.errorText)")
      #expect(try desk.slipway(.range, ["du"]).status == 0)
      #expect(try desk.slipway(.range, ["prune", "-af"]).status == 0)
      #expect(try desk.strangers().isEmpty)
      // A mark without such files is no obstacle.
      #expect(
        try desk.slipway(.range, ["build", "-q", "--isolation", "range", "--no-cache", "c"]).status == 0)
      #expect(try desk.slipway(.range, ["prune", "-af"]).status == 0)
      try Files.write([], to: desk.folder + "/store-user/other-owners")
      #expect(try desk.slipway(.nobody, ["prune", "-af"]).status == 0)
    }
  }

  @Test("An exported cache mount is the same as root's, and a user without a range exports its own")
  func exported() throws {
    let recipe = """
      RUN --mount=type=cache,target=/cache,id=c touch -d @1500000000 /cache/f && chown 33:44 /cache/f

      """
    try withDesk(recipe) { desk in
      for caller in [Caller.root, .range, .nobody] {
        let target = "type=local,dest=\(desk.folder)/export-\(caller),mounts=all"
        let built = try desk.slipway(caller, ["build", "-q", "--no-cache", "--cache-to", target, "c"])
        #expect(built.status == 0, "\(caller): \(built.errorText)")
      }
      func blobs(_ caller: Caller) throws -> Set<String> {
        Set(try Files.names(in: "\(desk.folder)/export-\(caller)/blobs/sha256"))
      }
      // Layers are the same in all three, and records of steps in none; what is left is the archive of the mount.
      let ofBoth = try blobs(.root).intersection(blobs(.range))
      #expect(try ofBoth.subtracting(blobs(.nobody)).count == 1)
    }
  }

  @Test("Root, and whoever has no range, is told why there is none")
  func refused() throws {
    try withDesk("RUN true\n") { desk in
      let root = try desk.slipway(.root, ["build", "--isolation", "range", "c"])
      #expect(root.status == 2 && root.errorText.contains("root has all identities"))
      let nobody = try desk.slipway(.nobody, ["build", "--isolation", "range", "c"])
      #expect(nobody.status == 2)
      #expect(nobody.errorText.contains("grant this user no range of 65536"), "\(nobody.errorText)")
    }
  }

  @Test("doctor and --explain-isolation name it")
  func explained() throws {
    try withDesk("RUN true\n") { desk in
      let doctor = try desk.slipway(.range, ["doctor"])
      #expect(doctor.status == 0)
      #expect(doctor.outputText.contains("in a user namespace with 65536 users of /etc/subuid"))
      let json = try desk.slipway(.range, ["doctor", "--format", "json"])
      #expect(json.outputText.contains("\"users\": \"range\""))
      let built = try desk.slipway(.range, ["build", "--explain-isolation", "c"])
      #expect(built.errorText.contains("in a user namespace with 65536 users of /etc/subuid"))
      let one = try desk.slipway(.range, ["build", "--explain-isolation", "--isolation", "namespace", "c"])
      #expect(one.errorText.contains("in a user namespace of one user"))
      #expect(one.errorText.contains("Without --isolation namespace a build has users of its own"))
    }
  }
}
