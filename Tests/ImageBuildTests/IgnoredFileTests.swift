import FileTree
import ImageStore
import Layers
import TestSupport
import Testing

@testable import ImageBuild

/// What `.dockerignore` is about, by the numbers of the semantics that Slipway follows.
@Suite("What .dockerignore leaves out")
struct IgnoredFileTests {
  @Test("D10 the context alone: a folder of --build-context has lines of its own, or none")
  func namedFolders() throws {
    try Workshop.open { shop in
      for path in ["context/f", "named/f", "named/g"] { try Files.write([], to: "\(shop.folder)/\(path)") }
      try shop.write(".dockerignore", "f\n")
      func paths(_ lines: String, _ ignored: String) throws -> [String] {
        let patterns = try IgnoreFile(parsing: Array(ignored.utf8))
        return try shop.build("FROM scratch\n\(lines)\n") {
          $0.namedContexts = [
            NamedContext(name: "n", kind: .folder(BytePath(shop.folder + "/named"), patterns))
          ]
        }.paths
      }
      #expect(try paths("COPY --from=n / /x/", "") == ["x", "x/f", "x/g"])
      #expect(try paths("COPY --from=n /f /x", "") == ["x"])
      #expect(try paths("COPY --from=n / /x/\nCOPY . /y/", "g\n") == ["x", "x/f", "y", "y/.dockerignore"])
      #expect(try paths("FROM n", "g\n") == ["f"])
      let problem = try shop.failure("FROM scratch\nCOPY f /\n")
      #expect(problem.kind == .sourceNotFound("f", isIgnored: true))
    }
  }

  @Test("D11 a link goes by its own name, and not by that of what it leads to")
  func links() throws {
    try Workshop.open { shop in
      try shop.write("target", "t")
      try shop.write("folder/f", "f")
      for (link, target) in [
        ("kept", "target"), ("gone", "other"), ("inside", "folder"), ("other", "folder/f"),
      ] {
        try shop.link(link, to: target)
      }
      try shop.write(".dockerignore", "target\nfolder\ngone\n.dockerignore\n")
      let image = try shop.build("FROM scratch\nCOPY . /\n")
      #expect(image.paths == ["inside", "kept", "other"])
      #expect(image.files["kept"]?.kind == .symbolicLink(target: "target"))
      // Of what a link leads to there is nothing in the context.
      for (source, path) in [("kept", "kept"), ("inside", "inside"), ("inside/f", "inside/f")] {
        let problem = try shop.failure("FROM scratch\nCOPY \(source) /x\n")
        #expect(problem.kind == .sourceNotFound(BytePath(path), isIgnored: true))
      }
      try shop.write(".dockerignore", "kept\n")
      #expect(try shop.build("FROM scratch\nCOPY target /\n").paths == ["target"])
    }
  }
}
