import TestSupport
import Testing

/// The arrows between the modules, read from the `import` lines of the sources.
@Suite("Modules import what the plan lets them")
struct ImportBoundaryTests {
  /// The C libraries of the system, as Swift names them.
  private static let system: Set<String> = ["Glibc", "Musl", "Darwin"]
  private static let text: Set<String> = [
    "SourceText", "Diagnostics", "JSONText", "DockerfileSyntax", "ShellSyntax", "DockerfileLint", "Reports",
    "ConfigText", "LintConfiguration", "LintInputs",
  ]

  /// What each module may import. Text half: the standard library and the C library of the system, and each other
  /// along the arrows.
  private static let allowed: [String: Set<String>] = [
    "SourceText": [],
    "Diagnostics": ["SourceText"],
    "JSONText": ["SourceText"],
    "DockerfileSyntax": ["SourceText", "Diagnostics"],
    "ShellSyntax": ["SourceText"],
    "DockerfileLint": ["SourceText", "Diagnostics", "DockerfileSyntax", "ShellSyntax"],
    "Reports": ["SourceText", "Diagnostics", "JSONText", "DockerfileSyntax", "DockerfileLint"],
    // The one C library of the text half.
    "ConfigText": ["SourceText", "Diagnostics", "CYAML"],
    "LintConfiguration": ["SourceText", "Diagnostics", "ConfigText", "DockerfileLint", "Reports"],
    "LintInputs": ["SourceText", "Diagnostics", "ConfigText"],
    "ContentHash": ["CCrypto"],
    "OCIModel": ["JSONText", "ContentHash", "CJansson"],
    "FileTree": ["CLinux"],
    "Layers": ["OCIModel", "FileTree", "ContentHash", "CArchive", "CZlib", "CDeflate", "CZstd", "CLinux"],
    "ImageStore": ["OCIModel", "FileTree", "Layers", "ContentHash", "JSONText", "CLinux", "CArchive"],
    "Isolation": ["CIsolation", "FileTree"],
    "Download": ["CCurlLoader"],
    "Registry": ["CCurlLoader", "OCIModel", "ImageStore", "JSONText"],
    "ImageBuild": [
      "SourceText", "Diagnostics", "DockerfileSyntax", "JSONText", "ContentHash", "OCIModel", "FileTree",
      "Layers",
      "ImageStore", "Isolation", "CLinux", "Download", "Registry",
    ],
  ]

  /// The modules that the Swift files of a target import, with the file that does.
  private static func imports(of module: String) throws -> [(name: String, file: String)] {
    var result: [(String, String)] = []
    for path in try Files.files(below: TestSupport.packageRoot + "/Sources/" + module, suffix: ".swift") {
      for line in String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n") {
        let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
        guard let position = words.firstIndex(of: "import"), position <= 1, position + 1 < words.count,
          position == 0 || ["public", "package", "internal", "fileprivate", "private"].contains(words[0])
        else { continue }
        // `import struct Module.Name` names the module after the kind.
        let isKind = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(
          words[position + 1])
        let name = words[position + (isKind ? 2 : 1)].prefix { $0 != "." }
        result.append((String(name), String(path.dropFirst(TestSupport.packageRoot.count + 1))))
      }
    }
    return result
  }

  @Test("the sources have the modules that are checked here, and some import others")
  func modulesAreThere() throws {
    let folders = try Files.names(in: TestSupport.packageRoot + "/Sources").filter {
      !$0.hasPrefix("C") || $0.hasPrefix("Con")
    }
    #expect(Set(folders).isSuperset(of: Self.text))
    #expect(Set(folders).isSubset(of: Set(Self.allowed.keys)), "a module without arrows here: \(folders)")
    #expect(try Self.imports(of: "DockerfileSyntax").contains { $0.name == "SourceText" })
  }

  @Test("along the arrows only", arguments: allowed.keys.sorted())
  func arrows(module: String) throws {
    guard Files.isFolder(TestSupport.packageRoot + "/Sources/" + module) else { return }
    let allowed = Self.allowed[module, default: []].union(Self.system)
    let concurrency: Set<String> = Self.text.contains(module) ? [] : ["Synchronization"]
    for entry in try Self.imports(of: module) where !allowed.union(concurrency).contains(entry.name) {
      Issue.record("\(entry.file) imports \(entry.name)")
    }
  }

  @Test("no module imports Foundation")
  func noFoundation() throws {
    for module in Self.allowed.keys.sorted() + ["Command"] {
      guard Files.isFolder(TestSupport.packageRoot + "/Sources/" + module) else { continue }
      for entry in try Self.imports(of: module) where entry.name.hasPrefix("Foundation") {
        Issue.record("\(entry.file) imports \(entry.name)")
      }
    }
  }

  @Test("nothing in the text half is asynchronous", arguments: text.sorted())
  func synchronous(module: String) throws {
    for path in try Files.files(below: TestSupport.packageRoot + "/Sources/" + module, suffix: ".swift") {
      for line in String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n") {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let words = code.split { !$0.isLetter && $0 != "_" }
        if words.contains("await") || words.contains("async") {
          Issue.record("\(path.dropFirst(TestSupport.packageRoot.count + 1)): \(line)")
        }
      }
    }
  }
}
