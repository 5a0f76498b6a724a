import FileTree
import Glibc
import Isolation
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// What a RUN leaves in its layer, what not, and when it is over. What it sees is with `CommandTests`.
@Suite(
  "RUN and its layer", .serialized,
  .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
struct RunTraceTests {
  /// Builds on the base, with an overlay where there can be one, and by comparison.
  private func eachWay(
    _ text: String, prepare: (Workshop) throws -> Void = { _ in },
    configure: (inout BuildRequest) -> Void = { _ in }, check: (BuiltImage) throws -> Void
  ) throws {
    try Workshop.open { shop in
      try shop.makeBase()
      try prepare(shop)
      for snapshotter in [Snapshotter.auto, .diff] {
        let image = try shop.build("FROM busybox\n" + text) { request in
          request.snapshotter = snapshotter
          request.refusesCache = true
          configure(&request)
        }
        try check(image)
      }
    }
  }

  @Test("L17, R10, R11: places of mounts, and the files that the sandbox has in /etc, are in no layer")
  func mountStubs() throws {
    let text = """
      RUN --mount=target=/ctx/deep --mount=type=tmpfs,target=/m/t --mount=type=cache,target=/var/cache/x \
        --mount=type=secret,id=s,required --mount=target=/one/file,source=f \
        test -s /etc/hosts && test -e /etc/resolv.conf && test -d /m/t && test -d /var/cache/x \
        && cat /ctx/deep/f /one/file /run/secrets/s > /kept && echo more >> /etc/resolv.conf && ! rm /etc/hosts
      """
    try eachWay(
      text, prepare: { try $0.write("f", "f") },
      configure: { $0.secrets = [BuildSecret(id: "s", source: .value(Array("s".utf8)))] },
      check: { image in
        #expect(image.text("kept") == "ffs")
        #expect(image.layers.last == ["kept"])
        for path in ["etc/hosts", "etc/resolv.conf", "ctx", "m", "var", "run", "one"] {
          #expect(image.files[path] == nil, "\(path)")
        }
      })
  }

  @Test("R12: what the image itself has in /dev and /proc is hidden from a command, and stays as it was")
  func ownFiles() throws {
    let stage = """
      COPY own /dev/own
      COPY own /dev/null
      COPY own /proc/own
      RUN cat /dev/own /proc/own 2> /dev/null; echo x > /dev/null; echo x > /dev/new; rm -f /dev/own; echo done
      RUN true

      """
    let paths = ["dev/null", "dev/own", "proc/own"]
    try eachWay(
      stage, prepare: { try $0.write("own", "the image's") },
      check: { image in
        #expect(image.output == "done\n")
        #expect(image.layers.suffix(2) == [[], []])
        for path in paths { #expect(image.text(path) == "the image's", "\(path)") }
        #expect(image.files["dev/new"] == nil)
      })
    let copy = "FROM scratch\nCOPY --from=0 /dev /dev\nCOPY --from=0 /proc/own /proc/own\n"
    try eachWay(
      stage + copy, prepare: { try $0.write("own", "the image's") },
      check: { image in
        #expect(image.paths == ["dev", "dev/null", "dev/own", "proc", "proc/own"])
        for path in paths { #expect(image.text(path) == "the image's", "\(path)") }
      })
  }

  /// How commands are kept away here.
  static let isolations: [IsolationMode] = Workshop.isRoot ? [.auto, .chroot] : [.auto]

  @Test("R15: what a command leaves running ends with it, and is not waited for", arguments: isolations)
  func background(isolation: IsolationMode) throws {
    let mark = "left-by-\(getpid())-\(isolation)"
    try Workshop.open { shop in
      try shop.makeBase()
      let time = try ContinuousClock().measure {
        let image = try shop.build(
          "FROM busybox\nRUN sh -c 'sleep 600; : \(mark)' & setsid sh -c 'sleep 600; : \(mark)' & echo bg\n"
        ) { $0.isolation = isolation }
        #expect(image.output == "bg\n")
      }
      // Far from the 600 seconds, however busy the machine is.
      #expect(time < .seconds(300))
      #expect(!Self.isRunning(mark))
    }
  }

  /// Whether a process of the machine has this word in its command line.
  private static func isRunning(_ mark: String) -> Bool {
    let processes = (try? Files.names(in: "/proc"))?.filter { $0.allSatisfy(\.isNumber) } ?? []
    // One that has just ended has no command line any more.
    return processes.contains { process in
      String(decoding: (try? Files.read("/proc/\(process)/cmdline")) ?? [], as: UTF8.self).contains(mark)
    }
  }

  @Test(
    "R24: a shell form over several lines is one text; comments and blank lines between them are not part of it"
  )
  func continuations() throws {
    let text = """
      RUN echo one && \\
        # a comment
        echo two \\
      # another

        three # not one
      """
    try eachWay(
      text,
      check: { (image) throws in
        #expect(image.output == "one\ntwo three\n")
        let line = image.result.image.history.last?.createdBy
        #expect(line == "RUN /bin/sh -c echo one &&   echo two   three # not one # buildkit")
      })
  }

  @Test("R25: what is written to /tmp is in the layer")
  func temporaryFiles() throws {
    let text = """
      RUN echo x > /tmp/x && mkdir -p /var/tmp && echo y > /var/tmp/y
      RUN cat /tmp/x /var/tmp/y
      """
    try eachWay(
      text,
      check: { image in
        #expect(image.output == "x\ny\n")
        #expect(Array(image.layers.suffix(2)) == [["tmp/", "tmp/x", "var/", "var/tmp/", "var/tmp/y"], []])
        #expect(image.text("tmp/x") == "x\n" && image.text("var/tmp/y") == "y\n")
      })
  }
}
