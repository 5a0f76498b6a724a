import Glibc
import TestSupport
import Testing

/// What an ordinary user without /etc/subuid builds: the same image as root does.
@Suite(
  "A build with one identity", .serialized,
  .enabled(if: Processes.slipway != nil && Files.exists("/bin/busybox"), "needs the program and busybox"),
  .enabled(if: BuildCommandTests.Caller.canMakeNamespaces, "ordinary users cannot make user namespaces here"))
struct OneIdentityTests {
  typealias Caller = BuildCommandTests.Caller

  /// Builds for a caller, with everything that tells one run from another left out.
  private func build(
    _ caller: Caller, _ dockerfile: String, _ options: [String] = [], files: [String: String] = [:],
    _ body: (ProcessResult, String) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      let desk = BuildCommandTests.Desk(folder: folder, caller: caller)
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/busybox"]).status == 0)
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("mv", [folder + "/busybox", folder + "/c/busybox"]).status == 0)
      for (name, text) in files { try desk.write("c/" + name, text) }
      try desk.write("c/Dockerfile", Self.base + dockerfile)
      #expect(try Processes.run("sh", ["-c", "touch -d @1500000000 \(folder)/c/*"]).status == 0)
      let built = try desk.slipway(
        ["build", "--progress", "plain"] + options + ["c"], environment: ["SOURCE_DATE_EPOCH": "1700000000"])
      try body(built, folder)
    }
  }

  static let base = """
    FROM scratch AS base
    COPY busybox /bin/busybox
    RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; mkdir -p /etc /srv; mkdir -m 1777 /tmp"]
    COPY <<EOF /etc/passwd
    root:x:0:0:root:/root:/bin/sh
    app:x:50:60::/tmp:/bin/sh
    EOF
    COPY <<EOF /etc/group
    root:x:0:
    app:x:60:
    staff:x:70:app
    EOF
    FROM base

    """

  /// What is built with root and with an ordinary user, and has to be the same, byte by byte.
  static let recipes: [String: String] = [
    "files are given away, moved, linked and given back": """
    RUN cd /srv && mkdir d && touch a b c x && ln -s a l && mkfifo p && \\
      chown 33:44 a d && chown -h 1:2 l && chown 3:4 p && chown 7 x && mv a e && ln e f && chown 0 x && \\
      chmod 4755 b && chown 7 b && chown :9 c && chmod 2750 c
    RUN cd /srv && mv e kept && chown :77 d && ln -sf b l && mv p q && chown -R 8:8 /srv/d && touch new
    RUN stat -c '%n %u:%g %a %F' /srv/* > /etc/seen
    """,
    "COPY gives owners that a command sees and keeps": """
    COPY --chown=5:6 --chmod=640 given /srv/given
    COPY --chown=app given /srv/folder/
    RUN cd /srv && stat -c '%n %u:%g %a' given folder folder/given > /etc/seen && mv folder moved && chmod 600 given
    COPY --chown=1 given /srv/given
    RUN stat -c '%n %u:%g %a' /srv/given /srv/moved/given >> /etc/seen && chown 0:0 /srv/moved
    """,
    "a user of USER owns what it makes": """
    USER app
    RUN umask 027; id -u > /tmp/id; id -g >> /tmp/id; id -G >> /tmp/id; mkdir -p /tmp/d/e; echo x > /tmp/d/f; \\
      ln -s f /tmp/d/l; mkfifo /tmp/d/p; (set -C; echo y > /tmp/d/new); cp /tmp/d/f /tmp/d/g; mktemp -d /tmp/dXXXXXX | wc -c; \\
      chown 50:70 /tmp/d/g; rmdir /tmp/d??????
    USER 99
    RUN touch /tmp/by99
    USER 0
    RUN touch /tmp/by0 && stat -c '%n %u:%g %a' /tmp/* /tmp/d/* > /etc/seen
    """,
    "devices": """
    RUN cd /srv && mknod -m 666 null c 1 3 && mknod -m 660 disk b 8 1 && chown 10:11 disk && chmod 600 null && mv null zero
    RUN stat -c '%n %F %t:%T %u:%g %a' /srv/* > /etc/seen && cp -a /srv/disk /srv/copy
    RUN rm /srv/disk && mknod /srv/again c 5 1
    """,
    "a folder that hands on its group": """
    RUN cd /srv && mkdir g && chown 5:70 g && chmod 2775 g && cd g && touch a && mkdir d && ln -s a l && mkfifo p && \\
      echo x > d/b && cp a c && cd / && touch srv/g/../g/e && mkdir /srv/g/f/ && cp /etc/passwd /tmp/m && mv /tmp/m /srv/g/moved && mknod /srv/g/n c 1 3
    USER app
    RUN touch /srv/g/app
    USER root
    RUN stat -c '%n %u:%g %a' /srv/g/* /srv/g/d/* > /etc/seen
    """,
    "modes that no owner could read": """
    COPY --chmod=400 given /srv/a
    COPY --chmod=000 given /srv/b
    RUN chmod 600 /srv/a && stat -c '%n %a' /srv/* > /etc/seen && mkdir -m 0 /srv/d && touch /srv/d/e
    RUN chmod 444 /srv/b && cat /srv/d/e /srv/a
    """,
    "an archive of many owners": """
    RUN mkdir /srv/many && cd /srv/many && for i in $(seq 1 200); do echo $i > f$i; chown $((i * 7)):$((i * 3)) f$i; done; \\
      tar cf /srv/many.tar . && mkdir /srv/out && tar xpf /srv/many.tar -C /srv/out && stat -c '%n %u:%g' /srv/out/* > /etc/seen && \\
      rm -r /srv/many.tar
    """,
    "programs that become others": """
    RUN cp /bin/busybox /bin/give && chown 33:44 /bin/give && chmod 6755 /bin/give && mkdir -m 777 /srv/o && \\
      start-stop-daemon -S -c app -n none -x /bin/sh -- -c 'id -u > /srv/o/a; id -G >> /srv/o/a; ln -s /bin/give /srv/o/touch; /srv/o/touch /srv/o/b; touch /srv/o/c'
    """,
  ]

  @Test(
    "gives the same image as root's", .enabled(if: geteuid() == 0, "needs root, to build as both"),
    arguments: recipes.keys.sorted(), ["overlay", "diff"])
  func sameAsRoot(name: String, snapshotter: String) throws {
    let recipe = try #require(Self.recipes[name])
    var listings: [String] = []
    for caller in Caller.allCases {
      try build(
        caller, recipe, ["--snapshotter", snapshotter, "-o", "type=tar,dest=out.tar"],
        files: ["given": "given\n"]
      ) { built, folder in
        #expect(built.status == 0, "\(caller): \(built.errorText)")
        let tar = try Processes.run("tar", ["tvf", folder + "/out.tar", "--numeric-owner", "--full-time"])
        let seen = try Processes.run("tar", ["xOf", folder + "/out.tar", "etc/seen"])
        listings.append(tar.outputText + seen.outputText)
      }
    }
    #expect(listings[0] == listings[1])
  }

  @Test("gives the same digest as root's", .enabled(if: geteuid() == 0, "needs root, to build as both"))
  func sameDigest() throws {
    var digests: Set<String> = []
    for caller in Caller.allCases {
      let recipe = try #require(Self.recipes["files are given away, moved, linked and given back"])
      try build(caller, recipe, ["-q"]) { built, _ in digests.insert(built.outputText) }
    }
    #expect(digests.count == 1)
  }

  @Test("A user may not give away what is not its own, and not become another one")
  func refused() throws {
    try build(.nobody, "USER app\nRUN chown 1 /etc/passwd || start-stop-daemon -S -c 0 -n none -x /bin/id\n")
    {
      built, _ in
      #expect(built.status == 1)
      #expect(built.errorText.contains("/etc/passwd: Operation not permitted"), "\(built.errorText)")
    }
  }
}
