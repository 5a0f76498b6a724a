import FileTree
import Isolation
import Testing

@testable import ImageBuild

/// What a build chooses, given what a machine can do.
@Suite("How the changes of RUN are found")
struct SnapshotterTests {
  private static let refusal = IsolationError.setup(.overlay, errno: 22, subject: [])
  private static let missing = IsolationError.fuseOverlay(.notInstalled)

  /// Chooses, and says what was tried.
  private func choose(
    _ snapshotter: Snapshotter, marks: OverlayMarks? = .user, hasNamespaces: Bool = true,
    overlay: Bool = false, fuse: Bool = true, network: String? = nil
  ) throws -> (finding: ChangeFinding, tried: [String]) {
    var tried: [String] = []
    let finding = try ChangeFinding(
      snapshotter, marks: marks, hasNamespaces: hasNamespaces,
      .init(
        overlay: {
          tried.append("overlay")
          return overlay ? .works : .fails(Self.refusal)
        },
        fuse: {
          tried.append("fuse")
          return fuse ? .works : .fails(Self.missing)
        },
        networkFileSystem: { network }))
    return (finding, tried)
  }

  @Test("auto takes an overlay of the kernel where there is one, and tries nothing else")
  func kernel() throws {
    let (finding, tried) = try choose(.auto, overlay: true, network: "nfs")
    #expect(finding.source == .overlay(.user))
    #expect(tried == ["overlay"])
    #expect(try choose(.auto, marks: .trusted, overlay: true).finding.source == .overlay(.trusted))
  }

  @Test("auto takes fuse-overlayfs on a network file system without one, and a comparison on a disk")
  func network() throws {
    #expect(try choose(.auto, network: "nfs").finding.source == .overlay(.fuse))
    let (finding, tried) = try choose(.auto)
    #expect(finding.source == .comparison)
    #expect(tried == ["overlay"], "a disk of this machine is no reason to try it")
    #expect(try choose(.auto, fuse: false, network: "nfs").finding.source == .comparison)
  }

  @Test("what is asked for is taken, or the step fails with the reason")
  func asked() throws {
    #expect(try choose(.fuseOverlayfs, overlay: true).finding.source == .overlay(.fuse))
    #expect(try choose(.fuseOverlayfs, overlay: true).tried == ["fuse"])
    #expect(try choose(.overlay, overlay: true).finding.source == .overlay(.user))
    #expect(try choose(.diff, overlay: true).tried == [])
    #expect(throws: Self.missing) { try choose(.fuseOverlayfs, fuse: false) }
    #expect(throws: Self.refusal) { try choose(.overlay, network: "nfs") }
  }

  @Test(
    "without namespaces there is no overlay of any kind", arguments: [Snapshotter.overlay, .fuseOverlayfs])
  func none(snapshotter: Snapshotter) throws {
    #expect(throws: IsolationError.needsNamespaces(.overlay)) {
      try choose(snapshotter, marks: nil, hasNamespaces: false)
    }
    #expect(try choose(.auto, marks: nil, hasNamespaces: false).finding.source == .comparison)
    #expect(
      try choose(snapshotter, marks: nil).finding.source == .comparison, "files that are not this process's")
  }
}
