import FileTree
import Glibc
import Isolation
import OCIModel
import SourceText
import TestSupport
import Testing

@testable import ImageBuild

extension Workshop {
  static let canMountOverlays =
    isRoot && IsolationProbe.temporaryOverlay(in: Array("/tmp".utf8), UserNamespace.none) == .works
}

/// What an overlay and a comparison make of the same Dockerfile.
@Suite(
  "RUN on an overlay", .serialized,
  .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"),
  .enabled(if: Workshop.canMountOverlays, "needs root, and a file system in /tmp that takes overlays"))
struct OverlayBuildTests {
  /// Builds both ways and gives the image of the overlay.
  @discardableResult
  private func compare(
    _ text: String, _ prepare: (Workshop) throws -> Void = { _ in },
    _ configure: (inout BuildRequest) -> Void = { _ in }
  ) throws -> BuiltImage {
    try Workshop.open { shop in
      try shop.makeBase()
      try prepare(shop)
      let images = try [Snapshotter.overlay, .diff].map { snapshotter in
        try shop.build(text) { request in
          request.snapshotter = snapshotter
          request.refusesCache = true
          configure(&request)
        }
      }
      #expect(images[0].layers == images[1].layers)
      #expect(images[0].result.descriptor.digest == images[1].result.descriptor.digest)
      #expect(images[0].output == images[1].output)
      return images[0]
    }
  }

  @Test("L01-L08: what is added, changed, replaced and removed, step after step")
  func changes() throws {
    let image = try compare(
      """
      FROM busybox
      RUN mkdir -p /d/e /d/gone/x && echo 1 > /d/f && echo 2 > /d/e/g && echo 3 > /h && ln -s f /d/l
      RUN rm -r /d/gone && echo 4 >> /d/f && chmod 600 /d/e/g && rm /h && mkdir /h && touch /h/i
      RUN rm -r /d/e && mkdir /d/e && echo 5 > /d/e/new && rm -r /h && echo 6 > /h
      RUN mv /d /moved && ln /h /again && chown 33:33 /moved/f
      RUN cat /moved/f /moved/e/new /again && rm -r /moved && chmod 700 /
      RUN stat -c %a /
      """)
    #expect(image.output == "1\n4\n5\n6\n700\n")
    #expect(
      image.layers.suffix(5).map { $0.filter { !$0.hasPrefix("bin/") } } == [
        ["d/", "d/e/", "d/e/g", "d/f", "d/.wh.gone", "h/", "h/i"],
        ["d/", "d/e/", "d/e/.wh.g", "d/e/new", "h"],
        ["again", ".wh.d", "moved/", "moved/e/", "moved/e/new", "moved/f", "moved/l"],
        [".wh.moved"],
        [],
      ])
  }

  @Test("L02: what is given back as it was is not in the layer")
  func takenBack() throws {
    let image = try compare(
      """
      FROM busybox
      RUN mkdir /d && echo same > /d/f && echo same > /d/g && touch -d @1000000 /d/f /d/g
      RUN chmod 600 /d/f && chmod 644 /d/f && chown 0:0 /d/g && exec 3<>/d/g
      RUN touch -d @1000000 /d/f && mv /d/g /g && mv /g /d/g
      """)
    #expect(image.layers.suffix(2) == [[], []])
  }

  @Test("L09: names of one file stay names of one file")
  func hardLinks() throws {
    let image = try compare(
      """
      FROM busybox
      RUN mkdir /d /e && echo 1 > /d/a && ln /d/a /d/b && ln /d/a /e/c
      RUN echo 2 >> /d/a && stat -c %h /d/a /e/c && cat /e/c
      RUN rm /d/a && ln /e/c /f && stat -c %h /f
      RUN chmod 600 /d/b
      """)
    #expect(image.output == "3\n3\n1\n2\n3\n")
    #expect(
      image.layers.suffix(3) == [
        ["d/", "d/a", "d/b", "e/", "e/c"], ["d/", "d/.wh.a", "f"], ["d/", "d/b", "e/", "e/c", "f"],
      ])
    #expect(image.files["e/c"]?.permissions == 0o600)
  }

  @Test("Mounts work on it, leave nothing, and a missing working directory is made")
  func mounts() throws {
    let image = try compare(
      """
      FROM busybox AS a
      RUN echo from a stage > /s
      FROM busybox
      RUN --mount=target=/ctx --mount=from=a,source=/s,target=/m/s --mount=type=tmpfs,target=/t \
        --mount=type=secret,id=x,target=/run/secrets/x --mount=type=cache,target=/var/cache \
        cat /ctx/f /m/s /run/secrets/x > /out; touch /t/x; echo c > /var/cache/c; echo x >> /etc/hosts
      RUN --network=none pwd
      """,
      { try $0.write("f", "context ") },
      { request in
        request.secrets = [BuildSecret(id: "x", source: .value(Array("hush".utf8)))]
      })
    #expect(image.text("out") == "context from a stage\nhush")
    #expect(image.layers.suffix(2).first == ["out"])
  }

  @Test("Stages build on each other's files, and COPY goes on where RUN has stopped")
  func stages() throws {
    let image = try compare(
      """
      FROM busybox AS base
      RUN echo base > /who && mkdir -p /opt/app
      COPY f /opt/app/
      FROM base AS one
      RUN echo one >> /opt/app/f && rm /who
      FROM one
      COPY --from=base /who /opt/app/
      RUN cat /opt/app/*
      WORKDIR /new/folder
      RUN pwd > here
      """, { try $0.write("f", "context\n") })
    #expect(image.output == "context\none\nbase\n")
    #expect(image.text("new/folder/here") == "/new/folder\n")
  }

  @Test("A tree with a device 0/0, which an overlay would hide, gets none")
  func devices() throws {
    try Workshop.open { shop in
      let folder = "\(shop.folder)/tree"
      try Files.createFolder(folder)
      var tree = try StageTree(path: Array(folder.utf8), owners: nil)
      try tree.root.directory.makeNode(.characterDevice, at: "zero", permissions: 0)
      try tree.settle()
      try Files.createFolder(shop.folder + "/step")
      let step = Array((shop.folder + "/step").utf8)
      let refused = try tree.makeOverlay(in: step, marks: .trusted, isWanted: true)
      #expect(refused?.folder == nil)
      try tree.root.directory.removeFile("zero")
      try tree.settle()
      let made = try tree.makeOverlay(in: step, marks: .trusted, isWanted: true)
      #expect(made?.folder == step)
    }
  }

  @Test("A command that fails, or is stopped, leaves nothing")
  func failures() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      let problem = try shop.failure("FROM busybox\nRUN mkdir /x && rm /bin/ls && exit 3\n") {
        $0.snapshotter = .overlay
      }
      #expect(problem.kind == .runFailed(.exited(3)))
      var request = BuildRequest(
        dockerfile: .init(name: "Dockerfile", text: "FROM busybox\nRUN mkdir /x; echo started; sleep 60\n"),
        context: BytePath("\(shop.folder)/context"), created: Timestamp(seconds: 0))
      request.snapshotter = .overlay
      let cancellation = try Cancellation()
      let builder = Builder(request, store: shop.store, identity: .root, cancellation: cancellation)
      #expect(throws: BuildError.cancelled) {
        try builder.build { event in
          if case .output = event { cancellation.cancel() }
        }
      }
      for name in try Files.names(in: shop.folder + "/store/tmp") {
        #expect(try Files.names(in: "\(shop.folder)/store/tmp/\(name)").isEmpty)
      }
    }
  }
}
