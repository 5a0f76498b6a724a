package import Download
package import FileTree
import Glibc
package import ImageStore
import OCIModel

// Contexts that are not on this machine.

extension GitReference {
  /// Checks out a context into a new folder of the store.
  /// - Parameters:
  ///   - keepsRepository: whether `.git` stays where the reference says nothing.
  ///   - hasCommitTime: whether files have the time of the commit, and not that of the checkout.
  ///   - cancel: readable once the work is to be given up; -1 for none.
  /// - Returns: the folder's absolute path, and the time of the commit in seconds since 1970.
  package func checkOut(
    _ store: OCILayoutStore, keepsRepository: Bool, hasCommitTime: Bool, cancel: CInt = -1
  ) throws(ContextError) -> (folder: BytePath, time: Int64) {
    let scratch = try store.makeContextFolder()
    let root = scratch.joining("tree")
    let checkout = GitCheckout(self, to: root.description, scratch: scratch.description, cancel: cancel)
    let commit: GitCheckout.Commit
    do throws(GitError) {
      commit = try checkout.run()
    } catch .cancelled {
      throw .cancelled
    } catch {
      throw .git(remote.withoutCredentials, error)
    }
    do throws(FileError) {
      let directory = try Directory(opening: root)
      let modified = hasCommitTime || self.hasCommitTime ? Timestamp(seconds: commit.time) : nil
      try directory.normalizeCheckout(modified)
      if !(keepsGitFolder ?? keepsRepository) { try directory.removeTree(".git") }
      if folder.isEmpty { return (root, commit.time) }
      let path = try directory.resolve(BytePath(folder).clampedToRoot)
      guard try directory.statusIfPresent(path)?.isDirectory == true else {
        throw FileError(.open, BytePath(folder), ENOTDIR)
      }
      return (root.joining(path), commit.time)
    } catch {
      if error.isNotADirectory || error.isNotFound { throw .noFolder(folder) }
      throw .file(error)
    }
  }
}

extension Directory {
  /// A commit knows of a file only whether it can be executed: the umask shall not show, nor the time of the
  /// checkout if there is a better one.
  func normalizeCheckout(_ modified: Timestamp?, _ folder: BytePath = BytePath()) throws(FileError) {
    for item in try list(folder) {
      let path = folder.joining(item.name)
      let status = try status(path)
      switch status.type {
      case .directory:
        try setPermissions(path, 0o755)
        try normalizeCheckout(modified, path)
      case .regular:
        let isReadOnly = status.permissions & 0o200 == 0
        try setPermissions(path, status.permissions & 0o100 != 0 ? 0o755 : isReadOnly ? 0o444 : 0o644)
      default: break
      }
      if let modified { try setModified(path, modified) }
    }
    guard folder.isEmpty else { return }
    try setPermissions(folder, 0o755)
    if let modified { try setModified(folder, modified) }
  }
}

/// A context that a URL names: an archive, or a Dockerfile.
package struct ContextDownload: ~Copyable {
  /// The folder in which the file is alone, as `context`.
  package let folder: BytePath
  private let file: OpenFile
  /// When the file was changed, in seconds since 1970, if the server says it.
  package let modified: Int64?

  /// The name of the file in its folder, which BuildKit gives it too.
  package static let name = "context"

  private init(folder: BytePath, file: consuming OpenFile, modified: Int64?) {
    self.folder = folder
    self.file = file
    self.modified = modified
  }

  /// Gets the file into a new folder of the store. Blocks.
  package static func get(
    _ url: String, _ store: OCILayoutStore, cancel: CInt = -1
  ) throws(ContextError) -> ContextDownload {
    let folder = try store.makeContextFolder()
    let file = try makeFile(in: folder)
    var download = Download(url)
    download.cancel = cancel
    let modified = try fetch(download, to: file, in: folder)
    return ContextDownload(folder: folder, file: file, modified: modified)
  }

  private static func makeFile(in folder: BytePath) throws(ContextError) -> OpenFile {
    do throws(FileError) {
      return try Directory(opening: folder).createFile(BytePath(name), permissions: 0o600)
    } catch {
      throw .file(error)
    }
  }

  private static func fetch(
    _ download: Download, to file: borrowing OpenFile, in folder: BytePath
  ) throws(ContextError) -> Int64? {
    let answer: Download.Answer
    do throws(DownloadError) {
      answer = try download.run(to: file.fileDescriptor)
    } catch .cancelled {
      throw .cancelled
    } catch {
      throw .download(download.url.withoutCredentials, error)
    }
    do throws(FileError) {
      try Directory(opening: folder).setModified(BytePath(name), Timestamp(seconds: answer.modified ?? 0))
    } catch {
      throw .file(error)
    }
    guard lseek(file.fileDescriptor, 0, SEEK_SET) == 0 else {
      throw .file(FileError(.read, BytePath(name), errno))
    }
    return answer.modified
  }

  /// What has come, from its beginning.
  package func input() throws(ContextError) -> ContextInput { try ContextInput(file.fileDescriptor) }
}
