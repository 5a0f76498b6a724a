import Glibc
import SourceText
import TestSupport
import Testing

@testable import LintInputs

@Suite("Searching folders")
struct FolderSearchTests {
  @Test(
    "a Dockerfile is known by its name",
    arguments: [
      ("Dockerfile", true), ("Dockerfile.dev", true), ("api.Dockerfile", true), ("api.dockerfile", true),
      ("Containerfile", true), ("Containerfile.dev", true), ("api.Containerfile", true),
      ("api.containerfile", true), ("Dockerfiles.Dockerfile", true),
      ("Dockerfile.dockerignore", false), (".dockerignore", false), ("api.Dockerfile.dockerignore", false),
      ("Dockerfiles", false), ("MyDockerfile", false), (".Dockerfile", false), ("dockerfile", false),
      ("Dockerfile-dev", false), ("README.md", false), ("", false),
    ])
  func names(name: String, isDockerfile: Bool) {
    #expect(InputKind.isDockerfile(Array(name.utf8)[...]) == isDockerfile)
  }

  @Test(
    "a compose file is known by its name",
    arguments: [
      ("compose.yaml", true), ("compose.yml", true), ("compose.override.yaml", true),
      ("compose.dev.yml", true),
      ("docker-compose.yml", true), ("docker-compose.dev.yaml", true), ("docker-compose-test.yml", true),
      ("compose.json", false), ("mycompose.yaml", false), ("composer.yaml", false), ("stack.yml", false),
    ])
  func composeNames(name: String, isCompose: Bool) {
    #expect(InputKind.isCompose(Array(name.utf8)[...]) == isCompose)
  }

  @Test("a folder gives its Dockerfiles in the order of the names, hidden folders too, .git not")
  func folder() throws {
    try withFiles([
      "Dockerfile": "", "b/Dockerfile.dev": "", "a/x.Dockerfile": "", "a/README.md": "",
      ".github/Dockerfile": "", ".git/Dockerfile": "", "a/.hidden/Containerfile": "",
      "a/Dockerfile.dockerignore": "", "empty/": "", "node_modules/x/Dockerfile": "",
    ]) { folder in
      let expected = [
        ".github/Dockerfile", "Dockerfile", "a/.hidden/Containerfile", "a/x.Dockerfile", "b/Dockerfile.dev",
      ]
      #expect(Found([""], in: folder).names == expected)
      #expect(Found([""], in: folder).problems.isEmpty)
    }
  }

  @Test("arguments keep their order, and nothing is linted twice")
  func order() throws {
    try withFiles(["a/Dockerfile": "", "b/Dockerfile": "", "b/Dockerfile.x": ""]) { folder in
      #expect(
        Found(
          ["b/Dockerfile.x", "a", "b", "a/Dockerfile", "b/../a/Dockerfile", "./b//Dockerfile", "-", "-"],
          in: folder
        )
        .names == ["b/Dockerfile.x", "a/Dockerfile", "b/Dockerfile", "-"])
    }
  }

  @Test("one bad path never loses the others")
  func missing() throws {
    try withFiles(["a/Dockerfile": "", "b/Dockerfile": ""]) { folder in
      let found = Found(["a", "nothing", "b"], in: folder)
      #expect(found.names == ["a/Dockerfile", "b/Dockerfile"])
      #expect(found.problems == ["nothing"])
      #expect(found.list.problems.map(\.level) == [.error])
    }
  }

  @Test("links to folders are not followed, links to files are")
  func links() throws {
    try withFiles(["a/Dockerfile": "", "other/Real": ""]) { folder in
      try link("..", at: folder + "/a/loop")
      try link("a", at: folder + "/alias")
      try link("../other/Real", at: folder + "/a/Dockerfile.link")
      try link("nowhere", at: folder + "/Dockerfile")
      guard unsafe mkfifo(folder + "/a/Dockerfile.pipe", 0o600) == 0 else {
        throw FileFailureOfTest(code: errno)
      }
      #expect(Found([""], in: folder).names == ["a/Dockerfile", "a/Dockerfile.link"])
      #expect(Found(["alias"], in: folder).names == ["alias/Dockerfile", "alias/Dockerfile.link"])
      // Two ways to one file are one file.
      #expect(Found(["a", "alias"], in: folder).names == ["a/Dockerfile", "a/Dockerfile.link"])
    }
  }

  @Test("names that are not UTF-8 are found, read and shown")
  func bytes() throws {
    try Files.withTemporaryFolder { folder in
      let path = InputPath(Array(folder.utf8) + Array("/caf".utf8) + [0xE9] + Array(".Dockerfile".utf8))
      let descriptor = unsafe path.withCPath { unsafe open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) } ?? -1
      try #require(descriptor >= 0)
      close(descriptor)
      let list = InputList([InputPath(folder)], options: InputOptions(environment: noEnvironment))
      #expect(list.inputs.map(\.path) == [path])
      #expect(list.inputs.first?.displayName == folder + "/caf\\xE9.Dockerfile")
      #expect(try list.inputs.first?.read().bytes == [])
    }
  }

  @Test(
    "an unreadable folder is reported, and the rest goes on",
    .enabled(if: geteuid() != 0, "root reads everything"))
  func unreadable() throws {
    try withFiles(["a/Dockerfile": "", "b/Dockerfile": "", "c/Dockerfile": ""]) { folder in
      unsafe chmod(folder + "/b", 0)
      let found = Found([""], in: folder)
      #expect(found.names == ["a/Dockerfile", "c/Dockerfile"])
      #expect(found.problems == ["b"])
    }
  }

  @Test("folders without end are searched to a bound")
  func depth() throws {
    try Files.withTemporaryFolder { folder in
      var path = folder
      for _ in 0..<260 {
        path += "/d"
        try Files.createFolder(path)
      }
      try Files.write([], to: path + "/Dockerfile")
      let found = Found([""], in: folder)
      #expect(found.names.isEmpty)
      #expect(found.problems.count == 1)
    }
  }

  @Test("--exclude takes patterns as in a .gitignore, for what is found and what is named")
  func exclude() throws {
    try withFiles([
      "a/Dockerfile": "", "vendor/x/Dockerfile": "", "b/vendor/Dockerfile": "", "b/Dockerfile.test": "",
    ]) { folder in
      #expect(Found([""], in: folder, excluded: ["vendor"]).names == ["a/Dockerfile", "b/Dockerfile.test"])
      #expect(
        Found([""], in: folder, excluded: ["vendor", "*.test", "!a"]).names == ["a/Dockerfile"])
      #expect(
        Found(["b/vendor/Dockerfile", "a/Dockerfile"], in: folder, excluded: ["vendor/"]).names == [
          "a/Dockerfile"
        ])
    }
  }

  @Test("an unusual file that is named is linted")
  func named() throws {
    try withFiles([".git/HEAD": "", ".gitignore": "*\n", "build/whatever": "", "values.yaml": "a: b\n"]) {
      folder in
      #expect(
        Found(["build/whatever", "values.yaml"], in: folder).names == ["build/whatever", "values.yaml"])
      #expect(Found([""], in: folder).names.isEmpty)
    }
  }
}

@Suite("Paths")
struct InputPathTests {
  @Test(
    "folder and name",
    arguments: [
      ("a/b", "a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("/", "/", ""), ("a//b/", "a", "b"),
      ("./a", ".", "a"),
    ])
  func parts(path: String, folder: String, name: String) {
    #expect(InputPath(path).folder == InputPath(folder))
    #expect(String(decoding: InputPath(path).name, as: UTF8.self) == name)
  }

  @Test(
    "the simple form",
    arguments: [
      ("./a/./b//c/", "a/b/c"), (".", "."), ("", "."), ("/", "/"), ("a/../b", "b"), ("../a", "../a"),
      ("../../a/../b", "../../b"), ("/../a", "/a"), ("a/..", "."),
    ])
  func simple(path: String, expected: String) {
    #expect(InputPath(path).simplified(foldsParents: true) == InputPath(expected))
  }

  @Test("bytes that are not UTF-8 are shown by their values")
  func shown() {
    #expect(InputPath([0x61, 0xFF, 0xC3, 0xA9, 0xC3]).displayName == "a\\xFFé\\xC3")
    #expect(InputPath("a\u{FFFD}").displayName == "a\u{FFFD}")
  }
}
