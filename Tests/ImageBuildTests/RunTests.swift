import FileTree
import Isolation
import OCIModel
import SourceText
import TestSupport
import Testing

@testable import ImageBuild

/// RUN, and what of it gets into layers.
@Suite("RUN", .serialized, .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
struct RunTests {
  private func withBase<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    try Workshop.open { shop in
      try shop.makeBase()
      return try body(shop)
    }
  }

  @Test("R01-R06 shell and exec form, environment, home, input")
  func environment() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox
        ARG A=1
        ENV E=2
        WORKDIR /w
        RUN echo $A$E $HOME $(pwd) $(umask) $(id -u):$(id -g); cat; env | grep -c HOSTNAME || true
        RUN ["echo", "$A", "raw"]
        """)
      #expect(image.output == "12 /root /w 0022 0:0\n0\n$A raw\n")
    }
  }

  @Test("R05 the machine's name is docker's, or that of the build argument for it")
  func hostname() throws {
    try withBase { shop in
      let text = "FROM busybox\nRUN hostname; grep -c \" $(hostname)\\$\" /etc/hosts\n"
      #expect(try shop.build(text).output == "buildkitsandbox\n1\n")
      let named = try shop.build(text) {
        $0.arguments = [
          .init(name: Array("BUILDKIT_SANDBOX_HOSTNAME".utf8), value: Array("tester".utf8))
        ]
      }
      #expect(named.output == "tester\n1\n")
    }
  }

  @Test("R07 users", .enabled(if: Workshop.isRoot, "needs root"))
  func users() throws {
    try withBase { shop in
      let image = try shop.build(
        "FROM busybox\nUSER app\nRUN id -u; id -g; id -G; echo $HOME\nUSER 1234\nRUN id -u; id -g; echo $HOME\n"
      )
      #expect(image.output == "100\n101\n101 50\n/home/app\n1234\n0\n/\n")
      let groups = try shop.build("FROM busybox\nUSER app\nRUN grep ^Groups: /proc/self/status\n")
      #expect(groups.output.split(whereSeparator: \.isWhitespace) == ["Groups:", "50", "101"])
      let problem = try shop.failure("FROM busybox\nUSER nobody\nRUN id\n")
      #expect(problem.kind == .user(.unknownUser(Array("nobody".utf8))))
      #expect(problem.instruction == 2)
    }
  }

  @Test("R10, R11 nothing of the sandbox is left in the layer")
  func traces() throws {
    try withBase { shop in
      let image = try shop.build("FROM busybox\nRUN echo x >> /etc/hosts; touch /dev/x /dev/shm/y; echo ok\n")
      #expect(image.layers.last == [])
      #expect(image.text("etc/hosts") == nil)
      #expect(image.files["dev/x"] == nil && image.files["dev/shm"] == nil)
    }
  }

  @Test("R13, R14 how a command fails")
  func failures() throws {
    try withBase { shop in
      let exited = try shop.failure("FROM busybox\nRUN exit 3\n").kind
      #expect(exited == .runFailed(.exited(3)))
      let missing = try shop.failure("FROM busybox\nRUN [\"nothere\"]\n").kind
      #expect(missing == .runFailed(.notStarted(code: 127, errno: 2)))
      let first = try shop.failure("FROM busybox\nRUN kill -9 1; exit 9\n").kind
      #expect(first == .runFailed(.exited(9)))
    }
  }

  @Test("R16 no network but the loopback")
  func network() throws {
    try withBase { shop in
      let image = try shop.build(
        "FROM busybox\nRUN --network=none ls /sys/class/net || ip link | grep -c ^[0-9]\n")
      #expect(image.output == "lo\n" || image.output == "1\n")
    }
  }

  @Test("R18, R21 mounts of the context, of a stage, and in memory")
  func mounts() throws {
    try withBase { shop in
      try shop.write("d/f", "from the context")
      let image = try shop.build(
        """
        FROM busybox AS a
        RUN echo from a stage > /s
        FROM busybox
        RUN --mount=target=/ctx --mount=from=a,source=/s,target=/m/s --mount=type=tmpfs,target=/t \
          cat /ctx/d/f /m/s > /out; touch /t/x; touch /ctx/no 2>&1 | grep -c Read-only
        """)
      #expect(image.text("out") == "from the contextfrom a stage\n")
      #expect(image.output == "1\n")
      #expect(image.layers.last == ["out"])
    }
  }

  @Test("R23 a command that changes nothing makes an empty layer")
  func empty() throws {
    try withBase { shop in
      let image = try shop.build("FROM busybox\nRUN true\n")
      #expect(image.layers.last == [])
      #expect(
        image.result.image.diffIDs.last?.description
          == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
    }
  }

  @Test("H01-H03, H08 here-documents as scripts")
  func scripts() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox
        ENV v=1
        RUN <<EOF
        v=2
        echo $v
        EOF
        RUN <<EOF
        #!/bin/cat
        raw $v
        EOF
        RUN cat <<A - <<B
        first
        A
        second $v
        B
        """)
      #expect(image.output == "2\n#!/bin/cat\nraw $v\nsecond 1\n")
      let lines = image.result.image.history.suffix(3).map { $0.createdBy ?? "" }
      #expect(lines[0] == "RUN /bin/sh -c v=2\necho $v\n # buildkit")
      #expect(lines[1] == "RUN /bin/sh -c /dev/pipes/EOF # buildkit")
      #expect(lines[2] == "RUN /bin/sh -c cat <<A - <<B\nfirst\nA\nsecond $v\nB # buildkit")
    }
  }

  @Test("L01-L08 what is added, changed and removed")
  func differences() throws {
    try withBase { shop in
      try shop.write("d/keep", "1")
      try shop.write("d/gone/x", "2")
      try shop.write("d/file", "3")
      let image = try shop.build(
        """
        FROM busybox
        COPY d /d
        RUN rm -r /d/gone; echo new > /d/new; chmod 600 /d/keep; rm /d/file; mkdir /d/file
        """)
      #expect(image.layers.last == ["d/", "d/file/", "d/.wh.gone", "d/keep", "d/new"])
      #expect(image.files["d/gone/x"] == nil)
      #expect(image.files["d/keep"]?.permissions == 0o600)
    }
  }

  @Test("L07 a folder with nothing but a new time is not in the layer, and has its former time for COPY")
  func folderTimes() throws {
    try withBase { shop in
      let stage = """
        FROM busybox AS a
        RUN mkdir -p /d/e && touch -d @1000 /d/e/f /d/e /d
        RUN touch /d/e/x && rm /d/e/x && touch /d

        """
      for snapshotter in [Snapshotter.auto, .diff] {
        let made = try shop.build(stage) { request in
          request.snapshotter = snapshotter
          request.refusesCache = true
        }
        #expect(made.layers.last == [])
        // In the build that executes the step, and in one that has it from the cache.
        for isCached in [false, true] {
          let copy = try shop.build(stage + "FROM scratch\nCOPY --from=a /d /d\n") { request in
            request.snapshotter = snapshotter
            request.refusesCache = !isCached
            if isCached { request.uncachedStages = ["1"] }
          }
          #expect(["d", "d/e", "d/e/f"].map { copy.files[$0]?.modified } == [1000, 1000, 1000])
        }
      }
    }
  }

  @Test("L07 what a step makes of such a folder does not depend on whether the step before was cached")
  func folderTimesInLaterSteps() throws {
    try withBase { shop in
      let first = "FROM busybox\nRUN mkdir /d && touch -d @500 /d\nRUN touch -d @1000 /d\n"
      let second = first + "RUN chmod 700 /d\n"
      let executed = try shop.build(second) { $0.refusesCache = true }
      #expect(executed.layers.suffix(2) == [[], ["d/"]])
      #expect(executed.files["d"]?.modified == 500)
      _ = try shop.build(first)
      let cached = try shop.build(second.replacing("chmod 700", with: "chmod  700"))
      #expect(cached.result.image.diffIDs == executed.result.image.diffIDs)
    }
  }

  @Test("L07, R11 /etc has the time of a command that changed a file in it, if mount points were made there")
  func configurationFolder() throws {
    try withBase { shop in
      func time(_ preparation: String, _ command: String, _ snapshotter: Snapshotter) throws -> Int64? {
        let image = try shop.build(
          """
          FROM busybox
          RUN \(preparation); touch -d @1000 /etc/passwd; touch -d @1000 /etc
          RUN \(command)
          """
        ) { request in
          request.snapshotter = snapshotter
          request.refusesCache = true
        }
        return image.files["etc"]?.modified
      }
      for snapshotter in [Snapshotter.auto, .diff] {
        #expect(try time("true", "echo x >> /etc/passwd", snapshotter) == 1_700_000_000)
        #expect(try time("true", "true", snapshotter) == 1000)
        #expect(try time("true", "echo x >> /etc/passwd; touch -d @7 /etc", snapshotter) == 7)
      }
      let files = "COPY f /etc/hosts\nCOPY f /etc/resolv.conf\n"
      try shop.write("f")
      let image = try shop.build(
        """
        FROM busybox
        \(files)
        RUN touch -d @1000 /etc/passwd; touch -d @1000 /etc
        RUN echo x >> /etc/passwd
        """)
      #expect(image.files["etc"]?.modified == 1000)
    }
  }

  @Test("W04 a working directory belongs to the user", .enabled(if: Workshop.isRoot, "needs root"))
  func workdir() throws {
    try withBase { shop in
      let image = try shop.build("FROM busybox\nUSER app\nWORKDIR /a/b\nWORKDIR /bin\n")
      #expect(image.files["a"]?.owner == Owner(uid: 100, gid: 101))
      #expect(image.files["a/b"]?.owner == Owner(uid: 100, gid: 101))
      #expect(image.layers.last == [])
    }
  }

  @Test("F02, F13 stages build on each other without changing each other")
  func stages() throws {
    try withBase { shop in
      let image = try shop.build(
        """
        FROM busybox AS base
        RUN echo base > /who
        FROM base AS one
        RUN echo one > /who
        FROM base AS two
        RUN cat /who > /two
        FROM two
        COPY --from=one /who /one
        COPY --from=base /who /base
        """)
      #expect(image.text("two") == "base\n")
      #expect(image.text("one") == "one\n")
      #expect(image.text("base") == "base\n")
      #expect(image.text("who") == "base\n")
    }
  }

  @Test("L19 the same build twice gives the same image")
  func reproducible() throws {
    try withBase { shop in
      try shop.write("f", "f")
      let text = "FROM busybox\nRUN mkdir /a && echo x > /a/b\nCOPY f /q/w/\nWORKDIR /e/r\n"
      let first = try shop.build(text).result.descriptor.digest
      #expect(try shop.build(text).result.descriptor.digest == first)
    }
  }

  @Test("An ordinary user without user namespaces: RUN says what is missing, COPY works")
  func withoutNamespaces() throws {
    try withBase { shop in
      var request = BuildRequest(
        dockerfile: .init(name: "Dockerfile", text: "FROM busybox\nRUN true\n"),
        context: BytePath("\(shop.folder)/context"), created: Timestamp(seconds: 0))
      let builder = Builder(request, store: shop.store, identity: .ordinary(.namespaces(errno: 1)))
      #expect(throws: BuildError.self) { try builder.build { _ in } }
      request.isolation = .none
      let refusing = Builder(request, store: shop.store, identity: .root)
      #expect(throws: BuildError.self) { try refusing.build { _ in } }
    }
  }

  @Test("A build that is cancelled ends, and leaves nothing")
  func cancelled() throws {
    try withBase { shop in
      let request = BuildRequest(
        dockerfile: .init(name: "Dockerfile", text: "FROM busybox\nRUN echo started; sleep 60\n"),
        context: BytePath("\(shop.folder)/context"), created: Timestamp(seconds: 0))
      let cancellation = try Cancellation()
      let builder = Builder(
        request, store: shop.store, identity: Workshop.isRoot ? .root : .ordinary(nil),
        cancellation: cancellation)
      #expect(throws: BuildError.cancelled) {
        try builder.build { event in
          if case .output = event { cancellation.cancel() }
        }
      }
      let session = try Files.names(in: shop.folder + "/store/tmp")
      for name in session { #expect(try Files.names(in: "\(shop.folder)/store/tmp/\(name)").isEmpty) }
    }
  }
}
