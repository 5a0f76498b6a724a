import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation

/// Makes an ordinary user user 0 of a user namespace where the kernel allows it: with a range of identities where `auto` finds
/// one, or `range` demands it. Must be called before the process has a second thread.
///
/// - Parameter folder: that of the store, or the nearest one that there is.
/// - Returns: as whom the process builds, and what it goes without if it has one identity: sentences.
func enterBuildNamespace(
  _ isolation: IsolationMode, folder: [UInt8]
) throws -> (identity: BuilderIdentity, losses: [String]) {
  if isolation == .range { return (.range(try enterRange(for: "--isolation range", folder)), []) }
  if geteuid() == 0 { return (.root, []) }
  var failure: IsolationError?
  if isolation == .auto {
    do throws(IsolationError) {
      return (.range(try enterRangeNamespace(for: folder)), [])
    } catch {
      failure = error
    }
  }
  let losses = IsolationMode.lossesOfOneIdentity(failure)
  do throws(IsolationError) {
    try enterUserNamespace()
    return (.namespaceRoot, losses)
  } catch {
    return (.ordinary(error), losses)
  }
}

/// - Parameter purpose: what needs the range, to begin a message with.
private func enterRange(for purpose: String, _ folder: [UInt8]) throws -> IDMapping {
  if geteuid() == 0 {
    throw Failure(
      "\(purpose): root has all identities without a range; leave it out", status: Exit.unable)
  }
  do {
    return try enterRangeNamespace(for: folder)
  } catch .unavailable(_, let reasons) {
    throw Failure(
      ([purpose + ": not to be had here."] + reasons).joined(separator: " ")
        + " Without it a build emulates all identities; `slipway doctor` says more", status: Exit.unable)
  } catch .identityMapHelper(let program, let status) {
    throw Failure(
      "\(purpose): \(program) fails (status \(status >> 8)): it needs its set-id bit or capabilities, which "
        + "containers and no-new-privileges take away, and lines for this user in /etc/subuid and /etc/subgid",
      status: Exit.unable)
  } catch {
    throw Failure("\(purpose): \(isolationSentence(error))", status: Exit.unable)
  }
}

/// A file in a store that says that there are files of other identities in it, which only a range gives and takes away.
enum RangeMark {
  private static let name = Array("/other-owners".utf8)

  private static let text = """
    Builds leave files here that belong to identities of /etc/subuid.
    `slipway prune --all` removes them; rm cannot.

    """

  private static func path(_ store: [UInt8]) -> String { String(decoding: store + name, as: UTF8.self) }

  /// Is called before anything is made that belongs to others.
  static func set(in store: OCILayoutStore) throws {
    let path = path(store.path)
    if unsafe access(path, F_OK) == 0 { return }
    do {
      try createFile(path, Array(text.utf8))
    } catch {
      throw Failure("the local store: \(error.path) \(error.reason)", status: Exit.unable)
    }
  }

  /// Gives an ordinary user the rights to remove what is in a store with the mark.
  ///
  /// - Returns: why there are none. Without them all can be removed but what belongs to others.
  static func enter(_ store: [UInt8]?) -> Failure? {
    guard geteuid() != 0, let store, unsafe access(path(store), F_OK) == 0 else { return nil }
    do {
      _ = try enterRange(
        for: "the store has files of identities of /etc/subuid, and removing them needs that range", store)
      return nil
    } catch let failure as Failure {
      return failure
    } catch {
      return Failure("\(error)", status: Exit.unable)
    }
  }

  /// Takes the mark off a store that has no such files any more.
  static func removeIfClean(_ store: OCILayoutStore) throws(StoreError) {
    guard store.sweepFailure == nil, try store.mountFolders().isEmpty else { return }
    _ = unsafe unlink(path(store.path))
  }
}
