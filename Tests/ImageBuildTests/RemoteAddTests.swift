import ContentHash
import Download
import FileTree
import Glibc
import Layers
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// ADD of URLs and repositories.
@Suite("ADD from elsewhere", .serialized, .enabled(if: Processes.find("python3") != nil, "needs python3"))
struct RemoteAddTests {
  private func withServer<Result>(_ body: (Workshop, WebServer) throws -> Result) throws -> Result {
    try Workshop.open { shop in
      let server = try WebServer(shop.folder)
      return try body(shop, server)
    }
  }

  @Test("C133, C134 a file: mode, owner, time, and its name from the URL")
  func file() throws {
    try withServer { shop, server in
      try server.write("a b*.txt", "content")
      try shop.write("f", "local")
      let image = try shop.build(
        """
        FROM scratch
        ADD \(server.url)/a%20b%2A.txt?q=/x#part /x/
        ADD --chmod=755 --chown=3:4 \(server.url)/a%20b%2A.txt /y
        ADD f \(server.url)/a%20b%2A.txt f /both/
        ADD \(server.url)/?named /said/
        """)
      let file = try #require(image.files["x/a b*.txt"])
      #expect(file.text == "content" && file.permissions == 0o600 && file.owner == .root)
      #expect(file.modified == 1_600_000_000)
      #expect(image.files["y"]?.permissions == 0o755)
      #expect(image.files["y"]?.owner == Owner(uid: 3, gid: 4))
      #expect(image.text("both/a b*.txt") == "content")
      #expect(image.text("both/f") == "local")
      #expect(image.text("said/said name") == "named")
      let history = image.result.image.history[0].createdBy
      #expect(history == "ADD \(server.url)/a%20b%2A.txt?q=/x#part /x/ # buildkit")
    }
  }

  @Test("C134 a file without a name, and without a time")
  func nameless() throws {
    try withServer { shop, server in
      let image = try shop.build("FROM scratch\nADD \(server.url) /x\n")
      #expect(image.text("x") == "nameless")
      #expect(image.files["x"]?.modified == 0)
      let problem = try shop.failure("FROM scratch\nADD \(server.url)/ /x/\n")
      #expect(problem.kind == .noFileName(server.url + "/"))
      #expect(problem.instruction == 1)
    }
  }

  @Test("C132 archives are unpacked only when that is asked for")
  func archives() throws {
    try withServer { shop, server in
      try server.write("t/inner", "packed")
      let tar = try Processes.run(
        "tar", ["-C", server.folder + "/t", "-czf", server.folder + "/t.tgz", "inner"])
      #expect(tar.status == 0)
      let image = try shop.build(
        "FROM scratch\nADD \(server.url)/t.tgz /x/\nADD --unpack \(server.url)/t.tgz /y/\n")
      #expect(image.files["x/t.tgz"] != nil)
      #expect(image.text("y/inner") == "packed")
    }
  }

  @Test("C135 checksums")
  func checksums() throws {
    try withServer { shop, server in
      try server.write("f", "content")
      let right = Digest(of: Array("content".utf8))
      let image = try shop.build("FROM scratch\nADD --checksum=\(right) \(server.url)/f /\n")
      #expect(image.text("f") == "content")
      let other = Digest(of: [])
      let problem = try shop.failure("FROM scratch\nADD --checksum=\(other) \(server.url)/f /\n")
      #expect(problem.kind == .wrongChecksum(server.url + "/f", expected: other, actual: right))
    }
  }

  @Test("C136 redirections are followed, the time is that of the last answer, and none leads to a local file")
  func redirections() throws {
    try withServer { shop, server in
      try server.write("f", "content")
      let image = try shop.build("FROM scratch\nADD \(server.url)/to/to/f /x/\n")
      #expect(image.text("x/f") == "content")
      #expect(image.files["x/f"]?.modified == 1_600_000_000)
      for path in ["leave", "circle"] {
        let kind = try shop.failure("FROM scratch\nADD \(server.url)/\(path) /\n").kind
        guard case .download(server.url + "/" + path, .failed) = kind else {
          Issue.record("\(kind)")
          continue
        }
      }
      try shop.write("file:/etc/hosts", "local")
      #expect(try shop.build("FROM scratch\nADD file:///etc/hosts /x\n").text("x") == "local")
    }
  }

  @Test("Servers that do not give the file")
  func failures() throws {
    try withServer { shop, server in
      let missing = try shop.failure("FROM scratch\nADD \(server.url)/gone /\n").kind
      #expect(missing == .download(server.url + "/gone", .status(404)))
      let secret = "http://me:word@127.0.0.1:1/f"
      guard
        case .download("http://127.0.0.1:1/f", .failed(7, _)) = try shop.failure(
          "FROM scratch\nADD \(secret) /\n"
        ).kind
      else { throw Unexpected(what: "another failure than a refused connection") }
      try server.write("f", "content")
      try server.write("g", "content")
      let several = try shop.failure("FROM scratch\nADD \(server.url)/f \(server.url)/g /x\n").kind
      #expect(several == .severalSources("/x"))
    }
  }

  @Test("A file that is larger than allowed, and a download that is given up")
  func bounds() throws {
    try withServer { shop, server in
      try server.write("f", String(repeating: "x", count: 1000))
      let directory = try Directory(opening: BytePath(shop.folder))
      let file = try directory.createFile("out")
      var download = Download(server.url + "/f")
      download.limit = 999
      #expect(throws: DownloadError.tooLarge(limit: 999)) { try download.run(to: file.fileDescriptor) }
      download.limit = 1000
      #expect(try download.run(to: file.fileDescriptor).size == 1000)
      var ends: [CInt] = [0, 0]
      #expect(unsafe pipe(&ends) == 0)
      #expect(unsafe write(ends[1], "x", 1) == 1)
      defer { ends.forEach { close($0) } }
      var slow = Download(server.url + "/slow")
      slow.cancel = ends[0]
      #expect(throws: DownloadError.cancelled) { try slow.run(to: file.fileDescriptor) }
      #expect(throws: DownloadError.invalidURL) { try Download("http://x/a b").run(to: file.fileDescriptor) }
    }
  }

  // MARK: Repositories

  private func git(_ words: [String], in folder: String) throws -> String {
    let names = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"]
    let result = try Processes.run(
      "git", ["-C", folder] + names + words, environment: ["GIT_CONFIG_GLOBAL": "/dev/null"])
    #expect(result.status == 0, "\(String(decoding: result.errors, as: UTF8.self))")
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
  }

  /// A repository with two commits, a branch and a tag, which the server shows.
  /// - Returns: the commits.
  private func makeRepository(_ shop: Workshop, _ server: WebServer) throws -> (first: String, second: String)
  {
    let work = shop.folder + "/work"
    try Files.createFolder(work + "/d")
    _ = try git(["init", "-q"], in: work)
    try Files.write(Array("one".utf8), to: work + "/f")
    try Files.write(Array("deep".utf8), to: work + "/d/g")
    #expect(unsafe chmod(work + "/d/g", 0o755) == 0)
    #expect(unsafe symlink("f", work + "/l") == 0)
    _ = try git(["add", "."], in: work)
    _ = try git(["commit", "-q", "-m", "one"], in: work)
    let first = try git(["rev-parse", "HEAD"], in: work)
    _ = try git(["tag", "-a", "-m", "t", "v1"], in: work)
    _ = try git(["branch", "side"], in: work)
    try Files.write(Array("two".utf8), to: work + "/f")
    _ = try git(["commit", "-q", "-a", "-m", "two"], in: work)
    let second = try git(["rev-parse", "HEAD"], in: work)
    _ = try git(["clone", "-q", "--bare", work, server.folder + "/r.git"], in: shop.folder)
    _ = try git(["update-server-info"], in: server.folder + "/r.git")
    return (first, second)
  }

  private static let hasGit = Processes.find("git") != nil

  @Test(
    "C137 a repository's submodules come along, also from a server of plain files",
    .enabled(if: hasGit, "needs git"))
  func submodules() throws {
    try withServer { shop, server in
      _ = try makeRepository(shop, server)
      let outer = shop.folder + "/outer"
      try Files.createFolder(outer)
      _ = try git(["init", "-q"], in: outer)
      _ = try git(["submodule", "add", "-q", server.url + "/r.git", "mod"], in: outer)
      _ = try git(["commit", "-q", "-m", "outer"], in: outer)
      _ = try git(["clone", "-q", "--bare", outer, server.folder + "/outer.git"], in: shop.folder)
      _ = try git(["update-server-info"], in: server.folder + "/outer.git")
      let url = server.url + "/outer.git"
      let image = try shop.build("FROM scratch\nADD \(url) /with\nADD \(url)?submodules=false /without\n")
      #expect(image.text("with/mod/f") == "two")
      #expect(image.files["without/mod/f"] == nil)
    }
  }

  @Test("C137 a repository: branch, tag, commit, folder", .enabled(if: hasGit, "needs git"))
  func repository() throws {
    try withServer { shop, server in
      let commits = try makeRepository(shop, server)
      let url = server.url + "/r.git"
      let image = try shop.build(
        """
        FROM scratch
        ADD \(url) /main
        ADD \(url)#side /side
        ADD \(url)#v1 /tag
        ADD \(url)#\(commits.first):d /commit
        ADD \(url)?branch=main&subdir=d /query/
        """)
      #expect(image.text("main/f") == "two")
      #expect(image.text("side/f") == "one")
      #expect(image.text("tag/f") == "one")
      #expect(image.text("commit/g") == "deep")
      #expect(image.text("query/g") == "deep")
      #expect(image.files["main/l"]?.kind == .symbolicLink(target: "f"))
      #expect(image.files["main/f"]?.permissions == 0o644)
      #expect(image.files["main/d/g"]?.permissions == 0o755)
      #expect(image.files["main/f"]?.owner == .root)
      #expect(image.files["main/f"]?.modified == 1_700_000_000)
      #expect(!image.paths.contains { $0.contains(".git") })
    }
  }

  @Test("C137 --keep-git-dir, and the same layer twice", .enabled(if: hasGit, "needs git"))
  func keptFolder() throws {
    try withServer { shop, server in
      let commits = try makeRepository(shop, server)
      let text = "FROM scratch\nADD --keep-git-dir \(server.url)/r.git /x\n"
      let image = try shop.build(text)
      #expect(image.text("x/.git/HEAD") == commits.second + "\n")
      #expect(image.text("x/.git/config")?.contains(server.url + "/r.git") == true)
      #expect(try shop.build(text).result.descriptor.digest == image.result.descriptor.digest)
      let named = try shop.build(
        """
        FROM scratch
        ADD --keep-git-dir \(server.url)/r.git#v1 /tag
        ADD --keep-git-dir \(server.url)/r.git#side /branch
        """)
      #expect(named.text("tag/.git/HEAD") == commits.first + "\n")
      let tag = try git(["rev-parse", "v1"], in: shop.folder + "/work")
      #expect(tag != commits.first && named.text("tag/.git/refs/tags/v1") == tag + "\n")
      #expect(named.text("branch/.git/refs/heads/side") == commits.first + "\n")
    }
  }

  @Test("C137 the commit as a checksum; a ref that is not there", .enabled(if: hasGit, "needs git"))
  func commits() throws {
    try withServer { shop, server in
      let commits = try makeRepository(shop, server)
      let url = server.url + "/r.git"
      let short = commits.first.prefix(8)
      #expect(try shop.build("FROM scratch\nADD --checksum=\(short) \(url)#v1 /x\n").text("x/f") == "one")
      let wrong = try shop.failure("FROM scratch\nADD --checksum=\(short) \(url)#main /x\n").kind
      #expect(
        wrong == .repository(url, .wrongCommit(expected: String(short), actual: commits.second)))
      let missing = try shop.failure("FROM scratch\nADD \(url)#gone /x\n").kind
      #expect(missing == .repository(url, .noSuchRef("gone")))
      guard
        case .repository(_, .failed(command: "ls-remote", _)) = try shop.failure(
          "FROM scratch\nADD \(server.url)/no.git /x\n"
        ).kind
      else { throw Unexpected(what: "another failure than a missing repository") }
      let folder = try shop.failure("FROM scratch\nADD \(url)#main:gone /x\n").kind
      #expect(folder == .sourceNotFound("gone", isIgnored: false))
    }
  }

  @Test(
    "C137 which texts name a repository",
    arguments: [
      ("https://x/y.git", "https://x/y.git", nil, ""),
      ("https://x/y.git#b:c/../d", "https://x/y.git", "b", "d"),
      ("git@h.example:o/r", "git@h.example:o/r", nil, ""), ("ssh://u@h/r#:s", "ssh://u@h/r", nil, "s"),
      ("git://h/r?tag=v1", "git://h/r", "refs/tags/v1", ""),
    ] as [(String, String, String?, String)])
  func references(text: String, remote: String, ref: String?, folder: String) throws {
    let reference = try #require(try GitReference(parsing: text))
    #expect(reference.remote == remote && reference.ref == ref && reference.folder == folder)
  }

  @Test(
    "C137 which do not", arguments: ["https://x/y", "x.git", "./a@b:c", "ftp://x/y.git", "a b@c:d", "@h:x"])
  func noReferences(text: String) throws {
    #expect(try GitReference(parsing: text) == nil)
  }

  @Test(
    "C137 references that are refused",
    arguments: ["ssh://h/r#-x", "ssh://h/r?ref=a&ref=b", "ssh://h/r?subdir="])
  func refused(text: String) {
    #expect(throws: GitReference.Failure.self) { try GitReference(parsing: text) }
  }

  @Test(
    "Names from URLs",
    arguments: [
      ("http://h/a/b.txt", "b.txt"), ("http://h/a/b/", "b"), ("http://h/a%2Fb?c=/d#e", "b"),
      ("http://h", nil),
      ("http://h/", nil), ("http://h/..", nil), ("http://h/%2e%2E", nil), ("http://h/%00", nil),
      ("http://h/%zz", "%zz"),
    ] as [(String, String?)])
  func names(url: String, name: String?) {
    #expect(Download.fileName(ofURL: url) == name.map { Array($0.utf8) })
  }
}
