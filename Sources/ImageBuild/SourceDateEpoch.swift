package import FileTree
package import ImageStore
package import Isolation
import OCIModel

/// The time of a build once it is known what `SOURCE_DATE_EPOCH` stands for.
struct Epoch: Hashable, Sendable {
  /// Seconds since 1970; nil where it stands for nothing.
  var seconds: Int64?
}

/// When the files of a context were changed last.
package enum ContextTime: Hashable, Sendable {
  /// Nothing tells.
  case unknown
  /// Seconds since 1970: of a commit, or by the word of a server.
  case known(Int64)
  /// The folder was unpacked from an archive, whose latest file tells.
  case latestFile(BytePath)

  func seconds() throws(FileError) -> Int64? {
    switch self {
    case .unknown: return nil
    case .known(let seconds): return seconds
    case .latestFile(let folder):
      let files = try Snapshot.capture(Directory(opening: folder)).entries.map(\.status).filter(\.isRegular)
      return files.map(\.modified.seconds).max()
    }
  }
}

extension BuildRequest {
  /// The variable of reproducible-builds.org that has the time of a build.
  package static let epochName = Array("SOURCE_DATE_EPOCH".utf8)

  /// Gives the build the time that `SOURCE_DATE_EPOCH` says: seconds since 1970, `context`, or the name of a context or of a
  /// stage that adds one thing from elsewhere. A build argument counts before an ARG above the first FROM, as with
  /// BuildKit. What the stage adds is fetched. Blocks.
  ///
  /// - Parameter context: when the build's context was changed.
  /// - Returns: the value, if what it names has no time of its own; the build has the present time then.
  /// - Throws: `.epoch` for a build argument that names nothing, `.invalid` for what is wrong in the Dockerfile.
  package mutating func settleEpoch(
    context: ContextTime, store: OCILayoutStore, cancellation: Cancellation?
  ) throws(BuildError) -> String? {
    let reader = try EpochReader(self)
    let source = try reader.source()
    let seconds =
      try source.map { source throws(BuildError) in
        try self.seconds(of: source, context: context, store, cancellation)
      } ?? nil
    // Up to the year 9999: other times cannot be written into the documents of an image.
    if let seconds, !(0...253_402_300_799).contains(seconds) { throw reader.wrong(.value("\(seconds)")) }
    epoch = Epoch(seconds: seconds)
    arguments.removeAll { $0.name == Self.epochName }
    guard let seconds else { return source == nil ? nil : reader.text }
    created = Timestamp(seconds: seconds)
    clampsTimes = true
    if reader.isGiven {
      arguments.append(Argument(name: Self.epochName, value: Array("\(seconds)".utf8)))
    }
    return nil
  }

  private func seconds(
    of source: EpochSource, context: ContextTime, _ store: OCILayoutStore, _ cancellation: Cancellation?
  ) throws(BuildError) -> Int64? {
    let time: ContextTime
    switch source {
    case .seconds(let seconds): return seconds
    case .context: time = context
    case .namedContext(let index): time = namedContexts[index].time
    case .addition(let addition): return try addition.seconds(store, cancellation)
    }
    do throws(FileError) {
      return try time.seconds()
    } catch {
      throw .file(error)
    }
  }
}

extension EpochSource.Addition {
  /// Fetches what the stage adds, and tells when it was changed.
  fileprivate func seconds(
    _ store: OCILayoutStore, _ cancellation: Cancellation?
  ) throws(BuildError) -> Int64? {
    let scratch: BytePath
    do throws(StoreError) {
      scratch = BytePath(try store.makeTemporaryFolder())
    } catch {
      throw .store(error)
    }
    let sources = RemoteSources(
      operation, scratch: scratch.bytes, created: Timestamp(seconds: 0), cancellation: cancellation)
    do throws(BuildProblem.Kind) {
      let seconds = try sources.seconds()
      try onFiles { () throws(FileError) in
        try Directory(opening: scratch.parent).removeTree(BytePath(Array(scratch.lastComponent)))
      }
      return seconds
    } catch .isolation(.cancelled) {
      throw .cancelled
    } catch {
      throw .step(BuildProblem(error, at: range, instruction: instruction))
    }
  }
}
