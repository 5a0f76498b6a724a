import TestSupport
import Testing

@testable import LintInputs

@Suite("What git ignores is passed over")
struct IgnoreRulesTests {
  @Test("outside of a work tree a .gitignore is a file like any other")
  func outside() throws {
    try withFiles([".gitignore": "a\n", "a/Dockerfile": ""]) { folder in
      #expect(Found([""], in: folder).names == ["a/Dockerfile"])
    }
  }

  @Test("nested files, negation, anchors, folders only")
  func nested() throws {
    try withFiles([
      ".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "/out\n*.tmp.Dockerfile\nlogs/\n",
      "out/Dockerfile": "", "a/out/Dockerfile": "", "a/x.tmp.Dockerfile": "", "logs/Dockerfile": "",
      "b/.gitignore": "!*.tmp.Dockerfile\n/Dockerfile\n", "b/y.tmp.Dockerfile": "", "b/Dockerfile": "",
      "b/c/Dockerfile": "",
    ]) { folder in
      let expected = ["a/out/Dockerfile", "b/c/Dockerfile", "b/y.tmp.Dockerfile"]
      #expect(Found([""], in: folder).names == expected)
      #expect(Found(["b"], in: folder).names == ["b/c/Dockerfile", "b/y.tmp.Dockerfile"])
      #expect(Found(["out"], in: folder).names == ["out/Dockerfile"], "a folder that is named is searched")
      #expect(Found(["b/Dockerfile"], in: folder).names == ["b/Dockerfile"])
      #expect(Found([""], in: folder, obeysIgnoreFiles: false).names.count == 7)
      #expect(Found(["**/Dockerfile"], in: folder).names == ["a/out/Dockerfile", "b/c/Dockerfile"])
    }
  }

  @Test("info/exclude and core.excludesFile, and a linked work tree finds them")
  func excludeFiles() throws {
    try withFiles([
      "home/.gitconfig": "[user]\n\tname = x\n[CORE]\n\texcludesFile = \"~/my ignores\" ; mine\n",
      "home/my ignores": "global\n",
      "main/.git/HEAD": "", "main/.git/info/exclude": "local\n",
      "main/.git/worktrees/w/commondir": "../..\n", "main/global/Dockerfile": "", "main/local/Dockerfile": "",
      "main/a/Dockerfile": "", "linked/local/Dockerfile": "", "linked/a/Dockerfile": "",
    ]) { folder in
      try Files.write(Array("gitdir: \(folder)/main/.git/worktrees/w\n".utf8), to: folder + "/linked/.git")
      let environment = GitEnvironment(
        home: InputPath(folder + "/home"), configuration: InputPath(folder + "/home/.config"), system: nil)
      #expect(
        Found(["main", "linked"], in: folder, environment: environment).names
          == ["main/a/Dockerfile", "linked/a/Dockerfile"])
      Files.remove(folder + "/home/.gitconfig")
      try Files.write(Array("a\n".utf8), to: folder + "/home/.config/git/ignore")
      #expect(Found(["main"], in: folder, environment: environment).names == ["main/global/Dockerfile"])
    }
  }

  @Test("a repository inside another has its own rules")
  func inner() throws {
    try withFiles([
      ".git/HEAD": "", ".gitignore": "Dockerfile.x\n", "in/.git/HEAD": "", "in/.gitignore": "Dockerfile.y\n",
      "in/Dockerfile.x": "", "in/Dockerfile.y": "", "Dockerfile.x": "", "Dockerfile.y": "",
    ]) { folder in
      #expect(Found([""], in: folder).names == ["Dockerfile.y", "in/Dockerfile.x"])
    }
  }

  @Test("patterns made to take long do not")
  func hostile() {
    let pattern = GlobPattern(Array(String(repeating: "*a", count: 200).utf8)[...])
    #expect(!pattern.matches(Array((String(repeating: "a", count: 2000) + "b").utf8)[...]))
    let folders = GlobPattern(Array((String(repeating: "**/*a/", count: 100) + "b").utf8)[...])
    #expect(!folders.matches(Array((String(repeating: "a/", count: 500) + "c").utf8)[...]))
  }
}

@Suite(
  "The same as git, pattern by pattern", .enabled(if: Processes.find("git") != nil, "git is not installed"))
struct IgnoreDifferentialTests {
  private static let fragments = [
    "a", "b", "ab", "c d", "Dockerfile", "Dockerfile.a", ".a", ".", "ockerfile", "*", "*", "**", "**", "***",
    "?", "/",
    "/", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "[D-]", "[[:alpha:]]", "[[:nope:]]", "[]a]", "[", "]", "\\",
    "\\*",
    "\\ ", " ", "\t", "!", "\\!", "#", "\\#", "-", "**/", "/**", "/**/", "*.", ".h", "é", "x", "$", "{a,b}",
  ]
  private static let names = ["a", "b", "ab", "c d", ".h", "x", "é", "a*", "#"]
  private static let files = [
    "Dockerfile", "Dockerfile.a", "a.Dockerfile", "ab.Dockerfile", "c d.Dockerfile",
  ]

  private static func ignoreFile(_ random: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<(1 + random.below(4)) {
      if random.below(4) == 0 { text += "!" }
      if random.below(6) == 0 { text += "/" }
      for _ in 0..<(1 + random.below(5)) { text += fragments[random.below(fragments.count)] }
      if random.below(5) == 0 { text += "/" }
      if random.below(6) == 0 { text += "  " }
      text += random.below(8) == 0 ? "\r\n" : "\n"
    }
    if random.below(4) == 0 { text.removeLast() }
    return text
  }

  @Test("random trees with random ignore files", arguments: 1...8 as ClosedRange<UInt64>)
  func trees(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    try Files.withTemporaryFolder { folder in
      let environment: [String: String?] = [
        "GIT_CONFIG_NOSYSTEM": "1", "HOME": folder + "/nobody", "XDG_CONFIG_HOME": folder + "/nobody",
        "GIT_DIR": nil, "GIT_WORK_TREE": nil, "LC_ALL": "C",
      ]
      let root = folder + "/tree"
      try Files.createFolder(root)
      let made = try Processes.run("git", ["init", "-q", root], environment: environment)
      try #require(made.status == 0, "\(made.errorText)")
      try Files.write(Array(Self.ignoreFile(&random).utf8), to: root + "/.git/info/exclude")
      var all: [String] = []
      for number in 0..<40 {
        let top = "d\(number)"
        for sub in [""] + Self.names.map({ "/" + $0 }) + ["/a/b", "/b/a", "/a/a/b"] {
          for file in Self.files where random.below(3) > 0 {
            let name = top + sub + "/" + file
            all.append(name)
            try Files.write([], to: root + "/" + name)
          }
        }
        try Files.write(Array(Self.ignoreFile(&random).utf8), to: "\(root)/\(top)/.gitignore")
        if random.below(2) == 0, Files.isFolder("\(root)/\(top)/a") {
          try Files.write(Array(Self.ignoreFile(&random).utf8), to: "\(root)/\(top)/a/.gitignore")
        }
      }
      let input = Array(all.joined(separator: "\0").utf8) + [0]
      let asked = try Processes.run(
        "git", ["check-ignore", "--no-index", "-z", "--stdin"], environment: environment, input: input,
        folder: root)
      try #require(asked.status <= 1, "\(asked.errorText)")
      let ignored = Set(asked.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
      let expected = Set(all).subtracting(ignored)
      let found = Set(Found(["tree"], in: folder).names.map { String($0.dropFirst(5)) })
      #expect(!ignored.isEmpty)
      for name in found.symmetricDifference(expected).sorted().prefix(5) {
        let top = name.prefix { $0 != "/" }
        let rules = try Files.read("\(root)/\(top)/.gitignore")
        let exclude = try Files.read("\(root)/.git/info/exclude")
        Issue.record(
          "\(name): git \(expected.contains(name) ? "keeps" : "ignores") it; \(String(decoding: rules, as: UTF8.self).debugDescription) \(String(decoding: exclude, as: UTF8.self).debugDescription)"
        )
      }
    }
  }
}
