import DockerfileSyntax
import FileTree
import Glibc
import ImageStore
import Isolation
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// RUN --mount of every type.
@Suite(
  "RUN --mount", .serialized, .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
struct RunMountTests {
  private func withBase<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try Workshop.open { shop in
      try shop.makeBase()
      return try body(shop)
    }
  }

  @Test(
    "R11 a root without /dev, /proc and /sys gets them as empty folders; other mount points leave nothing")
  func kernelFolders() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM scratch
        COPY --from=busybox /bin/busybox /busybox
        RUN --mount=type=tmpfs,target=/tmp --mount=type=cache,target=/sub/other \
          --mount=from=busybox,target=/sub/target ["/busybox", "true"]
        """)
      #expect(image.layers.last == ["dev/", "proc/", "sys/"])
      #expect(image.files["dev"]?.permissions == 0o755)
    }
  }

  @Test("R17 a cache keeps its content from build to build, and no layer has any of it")
  func cache() throws {
    try withBase { shop in
      let text =
        "FROM busybox\nRUN --mount=type=cache,target=/c echo x >> /c/n; wc -l < /c/n; stat -c %a /c\n"
      #expect(try shop.build(text).output == "1\n755\n")
      let again = try shop.build(text) { $0.refusesCache = true }
      #expect(again.output == "2\n755\n")
      #expect(again.layers.last == [])
      let other = "FROM busybox\nRUN --mount=type=cache,id=/c,target=/d,ro cat /d/n; echo x > /d/m || true\n"
      #expect(try shop.build(other).output.hasPrefix("x\nx\n"))
      let apart = "FROM busybox\nRUN --mount=type=cache,id=other,target=/c ls /c\n"
      #expect(try shop.build(apart).output == "")
    }
  }

  @Test(
    "R17 owner and mode of a new cache; another owner is another cache",
    .enabled(if: Workshop.isRoot, "needs root"))
  func cacheOwner() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox
        USER 10
        RUN --mount=type=cache,uid=10,gid=20,mode=0700,target=/c touch /c/f; stat -c %a:%u:%g /c
        USER 0
        RUN --mount=type=cache,target=/c ls /c
        RUN --mount=type=cache,uid=10,gid=20,mode=700,target=/c ls /c
        """)
      #expect(image.output == "700:10:20\nf\n")
    }
  }

  @Test("R17 a cache starts with a folder of a stage")
  func cacheFrom() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox AS a
        RUN mkdir -p /seed/d && echo first > /seed/d/f
        FROM busybox
        RUN --mount=type=cache,from=a,source=/seed,target=/c cat /c/d/f; echo second > /c/d/f
        RUN --mount=type=cache,from=a,source=/seed,target=/c cat /c/d/f
        RUN --mount=from=a,target=/a cat /a/seed/d/f
        """)
      #expect(image.output == "first\nsecond\nfirst\n")
    }
  }

  @Test("R17 sharing: a locked cache is waited for, a private one in use is another one")
  func sharing() throws {
    try Workshop.open { shop in
      let key = Digest(of: [1])
      func open(_ sharing: MountFolder.Sharing, cancelled: Bool = true) throws -> [UInt8]? {
        let folder = try shop.store.openMountFolder(key, name: [0x78], sharing: sharing) { cancelled }
        guard var folder else { return nil }
        try folder.complete()
        return folder.path
      }
      /// What others get while somebody has the folder.
      func others(
        during sharing: MountFolder.Sharing, _ wanted: [(sharing: MountFolder.Sharing, cancelled: Bool)]
      ) throws -> [[UInt8]?] {
        let held = try shop.store.openMountFolder(key, name: [0x78], sharing: sharing)
        return try withExtendedLifetime(held) {
          try wanted.map { try open($0.sharing, cancelled: $0.cancelled) }
        }
      }
      let name = try #require(try open(.locked))
      let another = name + Array("-1".utf8)
      let duringLocked = try others(during: .locked, [(.locked, true), (.shared, true), (.private, false)])
      #expect(duringLocked == [nil, nil, another])
      let duringShared = try others(during: .shared, [(.shared, true), (.locked, true)])
      #expect(duringShared == [name, nil])
      #expect(try open(.locked) == name)
      #expect(try open(.private) == name)
    }
  }

  @Test("R17 one cache twice in one command")
  func cacheTwice() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox
        RUN --mount=type=cache,id=x,target=/a,sharing=locked --mount=type=cache,id=x,target=/b,sharing=locked \
          echo 1 > /a/f; cat /b/f
        """)
      #expect(image.output == "1\n")
    }
  }

  @Test("R18 what is written to a bind mount is thrown away; what .dockerignore leaves out is not seen")
  func writableBind() throws {
    try withBase { shop in
      try shop.write("d/f", "kept")
      try shop.write("d/no", "secret")
      try shop.write(".dockerignore", "d/no\n")
      let text = """
        FROM busybox AS a
        RUN echo stage > /s
        FROM busybox
        RUN --mount=target=/x,rw echo new > /x/d/f; echo more > /x/d/g; cat /x/d/f; ls /x/d
        RUN --mount=target=/x ls -A /x /x/d; cat /x/d/f
        RUN --mount=from=a,source=/s,target=/y,rw echo changed > /y; cat /y
        RUN --mount=from=a,source=/s,target=/y cat /y
        """
      let image = try shop.build(text)
      #expect(image.output == "new\nf\ng\n/x:\n.dockerignore\nd\n\n/x/d:\nf\nkeptchanged\nstage\n")
      #expect(image.layers.last == [])
      #expect(try Files.read("\(shop.folder)/context/d/f") == Array("kept".utf8))
      let missing = try shop.failure("FROM busybox\nRUN --mount=source=gone,target=/x true\n").kind
      #expect(missing == .sourceNotFound("gone", isIgnored: false))
      let ignored = try shop.failure("FROM busybox\nRUN --mount=source=d/no,target=/x true\n").kind
      #expect(ignored == .sourceNotFound("d/no", isIgnored: true))
    }
  }

  @Test("R19 secrets as files and variables")
  func secrets() throws {
    try withBase { shop in
      try Files.write(Array("s3cr3t-value\n".utf8), to: shop.folder + "/key")
      let text = """
        FROM busybox
        ENV B=old
        RUN --mount=type=secret,id=a --mount=type=secret,id=b,target=/x/y,mode=0444 --mount=type=secret,id=b,env=B \
          stat -c %a:%u:%s /run/secrets/a /x/y; wc -c < /run/secrets/a; test "$B" = other-value && echo same; ls /run/secrets
        RUN --mount=type=secret,id=gone ls /run/secrets 2>&1 | grep -c No; echo $B
        """
      let image = try shop.build(text) { request in
        request.secrets = [
          BuildSecret(id: "a", source: .file(BytePath(shop.folder + "/key"))),
          BuildSecret(id: "b", source: .value(Array("other-value".utf8))),
        ]
      }
      #expect(image.output == "400:0:13\n444:0:11\n13\nsame\na\n1\nold\n")
      #expect(image.layers.suffix(2) == [[], []])
      let missing = try shop.failure("FROM busybox\nRUN --mount=type=secret,id=k,required true\n")
      #expect(missing.kind == .missingSecret("k"))
      #expect(missing.instruction == 1)
    }
  }

  @Test("R19 the owner of a secret", .enabled(if: Workshop.isRoot, "needs root"))
  func secretOwner() throws {
    try withBase { shop in
      let image = try shop.build(
        "FROM busybox\nUSER app\nRUN --mount=type=secret,id=a,uid=100,gid=101 cat /run/secrets/a | wc -c\n"
      ) { $0.secrets = [BuildSecret(id: "a", source: .value(Array("12345".utf8)))] }
      #expect(image.output == "5\n")
    }
  }

  @Test("R19 a secret is in no layer, no history, no file of the store, and is taken out of the output")
  func secretsStaySecret() throws {
    try withBase { shop in
      let value = "tell-nobody-0123456789"
      let image = try shop.build(
        """
        FROM busybox
        RUN --mount=type=secret,id=a --mount=type=secret,id=a,env=A --mount=type=cache,target=/c \
          cat /run/secrets/a; echo; echo $A | head -c 7; sleep 0.1; echo ${A#????} | tail -c +4; echo ok > /done
        """
      ) { $0.secrets = [BuildSecret(id: "a", source: .value(Array(value.utf8)))] }
      #expect(image.output == "****\ntell-no****" || image.output.hasPrefix("****\n"))
      #expect(!image.output.contains(value))
      let history = image.result.image.history.map { $0.createdBy ?? "" }.joined()
      #expect(!history.contains(value))
      for file in image.files.values { #expect(!file.text.contains(value)) }
      let found = try Processes.run("grep", ["-r", "-l", "-a", value, shop.folder])
      #expect(found.output == [])
      let layers = try Processes.run(
        "sh",
        [
          "-c",
          "for f in \"$1\"/blobs/sha256/*; do gzip -dc \"$f\" 2>/dev/null || cat \"$f\"; done | grep -c -a \"$2\"",
          "sh", shop.folder + "/store", value,
        ])
      #expect(String(decoding: layers.output, as: UTF8.self) == "0\n")
    }
  }

  @Test("R20 the socket of an SSH agent")
  func agent() throws {
    try withBase { shop in
      let socket = shop.folder + "/agent.sock"
      let listener = try #require(listen(at: socket))
      defer { close(listener) }
      let text = """
        FROM busybox
        RUN --mount=type=ssh --mount=type=ssh,id=default,target=/a/sock \
          echo $SSH_AUTH_SOCK; test -S $SSH_AUTH_SOCK && test -S /a/sock && echo both
        RUN --mount=type=ssh,id=other echo "<$SSH_AUTH_SOCK>"
        """
      let image = try shop.build(text) { request in
        request.agents = [BuildAgent(id: "default", socket: Array(socket.utf8))]
      }
      #expect(image.output == "/run/buildkit/ssh_agent.0\nboth\n<>\n")
      #expect(image.layers.last == [])
      let missing = try shop.failure("FROM busybox\nRUN --mount=type=ssh,required true\n").kind
      #expect(missing == .missingAgent("default"))
    }
  }

  private func listen(at path: String) -> CInt? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < 108 else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
      unsafe target.copyBytes(from: Array(path.utf8))
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
    }
    guard bound == 0, Glibc.listen(descriptor, 1) == 0 else { return nil }
    return descriptor
  }

  @Test("R21 a file system in memory, with a size, and read-only")
  func temporary() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox
        RUN --mount=type=tmpfs,target=/t,size=64k dd if=/dev/zero of=/t/x bs=1k count=100 2>/dev/null; wc -c < /t/x
        RUN --mount=type=tmpfs,target=/tmp,ro touch /tmp/x 2>&1 | grep -c Read-only
        """)
      #expect(image.output == "65536\n1\n")
      #expect(image.layers.suffix(2) == [[], []])
    }
  }

  @Test("R22 targets: relative to WORKDIR, with variables, and never the root")
  func targets() throws {
    try withBase { shop in
      let image = try shop.build(
        "FROM busybox\nWORKDIR /w\nARG D=deep\nRUN --mount=type=tmpfs,target=a/$D echo x > /w/a/deep/f; pwd\n"
      )
      #expect(image.layers.last == [])
      for target in ["/", ".", "/a/.."] {
        let kind = try shop.failure("FROM busybox\nRUN --mount=type=tmpfs,target=\(target) true\n").kind
        #expect(kind == .mount(.invalidValue(field: "target", value: target)))
      }
      let source = try shop.failure("FROM busybox\nRUN --mount=type=cache,source=/x,target=/c true\n").kind
      #expect(source == .mount(.sourceWithoutFrom))
    }
  }

  @Test("Rights that no RUN gets are told before anything runs")
  func rights() throws {
    try withBase { shop in
      let insecure = try shop.failure("FROM busybox\nRUN --security=insecure true\n").kind
      #expect(insecure == .unsupported(.security("insecure")))
      let device = try shop.failure("FROM busybox\nRUN --device=vendor.example/d=x true\n").kind
      #expect(device == .unsupported(.device))
      #expect(try shop.build("FROM busybox\nRUN --security=sandbox echo ok\n").output == "ok\n")
    }
  }
}

/// What of an output is shown.
@Suite("Redaction")
struct RedactionTests {
  private func shown(_ secrets: [String], _ chunks: [String]) -> String {
    let redaction = Redaction(secrets.map { Array($0.utf8) })
    var result: [UInt8] = []
    for chunk in chunks {
      redaction.pass(OutputChunk(stream: .standardOutput, bytes: Array(chunk.utf8))) { result += $0.bytes }
    }
    redaction.finish { result += $0.bytes }
    return String(decoding: result, as: UTF8.self)
  }

  @Test("A value is found wherever it stands, also over several writes")
  func values() {
    #expect(shown(["secret\n"], ["a secret", " b secre", "t c"]) == "a **** b **** c")
    #expect(shown(["secret"], ["s", "e", "c", "r", "e", "t"]) == "****")
    #expect(shown(["secret"], ["secre"]) == "secre")
    #expect(shown(["secret"], ["sesecretcret"]) == "se****cret")
    #expect(shown(["abcd", "abcdef"], ["abcd", "e", "abcdef"]) == "****e****")
    #expect(shown(["abcd", "abcdef"], ["abcde"]) == "****e")
    #expect(shown(["aaaa"], ["aaaaaaa"]) == "****aaa")
  }

  @Test("Lines of a key count; what is short does not")
  func lines() {
    #expect(shown(["BEGIN\n0123456789\nEND\n"], ["x0123456789x"]) == "x****x")
    #expect(shown(["abc"], ["abc"]) == "abc")
    #expect(shown([], ["abc"]) == "abc")
    #expect(shown([""], ["abc"]) == "abc")
  }
}
