import Glibc
import TestSupport
import Testing

/// What `slipway build` is given to read, by the numbers of the semantics that it follows.
@Suite(
  "slipway build, what it reads", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct ContextCommandTests {
  private struct Desk {
    let folder: String

    func write(_ path: String, _ text: String = "") throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }

    func slipway(_ arguments: [String], _ environment: [String: String?] = [:]) throws -> ProcessResult {
      let own: [String: String?] = [
        "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000",
      ]
      return try Processes.run(
        try #require(Processes.slipway), arguments, environment: own.merging(environment) { $1 },
        folder: folder)
    }

    /// Builds into a new folder, and tells what is in it.
    func files(_ arguments: String...) throws -> [String] {
      Files.remove(folder + "/out")
      let result = try slipway(["build", "-o", "out"] + arguments)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return try Files.files(below: folder + "/out").map { String($0.dropFirst(folder.count + 5)) }.sorted()
    }
  }

  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { try body(Desk(folder: $0)) }
  }

  @Test("A09 --build-arg with a name alone takes the value of the environment, or none")
  func argumentsOfTheEnvironment() throws {
    try withDesk { desk in
      try desk.write("c/Dockerfile", "FROM scratch\nARG K=default\nCOPY <<E /k\n${K-unset}\nE\n")
      func value(_ arguments: [String], _ variable: String?) throws -> String {
        let result = try desk.slipway(["build", "-o", "out"] + arguments + ["c"], ["K": variable])
        #expect(result.status == 0 && !result.errorText.contains("warning"), "\(result.errorText)")
        return String(decoding: try Files.read(desk.folder + "/out/k"), as: UTF8.self)
      }
      #expect(try value(["--build-arg", "K"], "of the environment") == "of the environment\n")
      #expect(try value(["--build-arg", "K"], "") == "\n")
      #expect(try value(["--build-arg", "K"], nil) == "default\n")
      #expect(try value(["--build-arg", "NOBODY_HAS_THIS_ONE"], nil) == "default\n")
      #expect(try value([], "of the environment") == "default\n")
      #expect(try value(["--build-arg", "K="], "of the environment") == "\n")
    }
  }

  @Test("D01 .dockerignore of the context, or all alone the file beside the Dockerfile that has its name")
  func ignoreFiles() throws {
    try withDesk { desk in
      try desk.write("c/.dockerignore", "a\nDocker*\n.docker*\nsub\n")
      for path in ["c/a", "c/b", "c/sub/f"] { try desk.write(path) }
      for path in ["c/Dockerfile", "c/sub/Other", "elsewhere/Third"] {
        try desk.write(path, "FROM scratch\nCOPY . /\n")
      }
      #expect(try desk.files("c") == ["b"])
      #expect(try desk.files("-f", "c/sub/Other", "c") == ["b"])
      try desk.write("c/Dockerfile.dockerignore", "b\nDocker*\n.docker*\n")
      #expect(try desk.files("c") == ["a", "sub/Other", "sub/f"])
      #expect(try desk.files("-f", "c/sub/Other", "c") == ["b"])
      try desk.write("c/sub/Other.dockerignore", "*\n!sub/f\n")
      #expect(try desk.files("-f", "c/sub/Other", "c") == ["sub/f"])
      #expect(try desk.files("-f", "elsewhere/Third", "c") == ["b"])
      try desk.write("elsewhere/Third.dockerignore", "*\n!a\n")
      #expect(try desk.files("-f", "elsewhere/Third", "c") == ["a"])
      // One without lines leaves nothing out.
      try desk.write("elsewhere/Third.dockerignore")
      #expect(try desk.files("-f", "elsewhere/Third", "c").contains(".dockerignore"))
    }
  }

  @Test("D10 a folder of --build-context has its own .dockerignore, and not that of the context")
  func ignoreFilesOfFolders() throws {
    try withDesk { desk in
      try desk.write("c/.dockerignore", "f\nDocker*\n.docker*\n")
      try desk.write("c/Dockerfile", "FROM scratch\nCOPY . /c/\nCOPY --from=x / /x/\n")
      for path in ["c/f", "c/g", "x/f", "x/g"] { try desk.write(path) }
      #expect(try desk.files("--build-context", "x=x", "c") == ["c/g", "x/f", "x/g"])
      try desk.write("x/.dockerignore", "g\n.docker*\n")
      #expect(try desk.files("--build-context", "x=x", "c") == ["c/g", "x/f"])
    }
  }

  @Test("F09 --build-context replaces stages and images by a folder, an image or a layout")
  func namedContexts() throws {
    try withDesk { desk in
      try desk.write("c/given")
      try desk.write("c/Dockerfile", "FROM scratch\nCOPY given /given\n")
      let made = try desk.slipway([
        "build", "-t", "image", "-o", "type=image", "-o", "type=oci,dest=layout,tar=false", "c",
      ])
      #expect(made.status == 0, "\(made.errorText)")
      try desk.write("folder/given")
      try desk.write("e/own")
      let stage = "FROM scratch AS s\nCOPY own /own\n"
      for value in ["folder", "docker-image://image", "oci-layout://layout"] {
        for (name, text) in [
          ("s", stage + "FROM s\n"), ("s", stage + "FROM scratch\nCOPY --from=s / /\n"),
          ("example.com/none:1", "FROM example.com/none:1\n"),
          ("example.com/none:1", "FROM scratch\nCOPY --from=example.com/none:1 / /\n"),
          ("alpine", "FROM docker.io/library/alpine:latest\n"),
        ] {
          try desk.write("e/Dockerfile", text)
          #expect(
            try desk.files("--build-context", "\(name)=\(value)", "e") == ["given"], "\(value): \(text)")
        }
      }
    }
  }

  @Test("C102 names with --link: the error says that it takes numbers, and stands at the name")
  func namesWithLink() throws {
    try withDesk { desk in
      try desk.write("c/f")
      try desk.write("c/Dockerfile", "FROM scratch\nCOPY --link --chown=me:1 f /x\n")
      let result = try desk.slipway(["build", "c"])
      #expect(result.status == 1)
      #expect(
        result.errorText.contains(
          "c/Dockerfile:2:21: error: with --link, --chown takes numbers only, not `me:1`"),
        "\(result.errorText)")
    }
  }

  @Test(
    "P08 a NUL byte that no program can be given is told in words",
    .enabled(
      if: BuildCommandTests.Caller.canMakeNamespaces, "this machine refuses ordinary users their namespaces"))
  func nulByte() throws {
    try withDesk { desk in
      try desk.write("c/Dockerfile", "FROM scratch\nRUN [\"/x\\u0000y\"]\n")
      let result = try desk.slipway(["build", "c"])
      #expect(result.status == 1)
      #expect(
        result.errorText.contains("c/Dockerfile:2:1: error: RUN could not run: a NUL byte stands in it"),
        "\(result.errorText)")
    }
  }
}
