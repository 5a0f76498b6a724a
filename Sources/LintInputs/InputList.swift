import Diagnostics
import SourceText

/// How inputs are looked for.
package struct InputOptions: Sendable {
  /// Patterns of what is left out, like those of a `.gitignore` in the current folder.
  package var excluded: [String]
  /// Whether `.gitignore` files are obeyed in work trees of git, and `node_modules` passed over.
  package var obeysIgnoreFiles: Bool
  /// Where git's own configuration is.
  package var environment: GitEnvironment

  package init(
    excluded: [String] = [], obeysIgnoreFiles: Bool = true, environment: GitEnvironment = .current
  ) {
    self.excluded = excluded
    self.obeysIgnoreFiles = obeysIgnoreFiles
    self.environment = environment
  }
}

/// The files that a lint run is about, each once, in the order of the arguments.
package struct InputList: Sendable {
  /// What is linted.
  package private(set) var inputs: [LintInput] = []
  /// What stood in the way.
  package private(set) var problems: [InputProblem] = []

  private let walk: FolderWalk
  /// What has been seen, by the path without links of its folder and its name: two links to one file are two files.
  private var seen: Set<InputPath> = []
  /// Folders by the way they were reached.
  private var realPaths: [InputPath: InputPath] = [:]
  /// The folder that was looked up last: files of one folder mostly come one after the other.
  private var latest: (folder: InputPath, real: InputPath)?

  /// Finds what arguments stand for: files, folders to search, patterns that the shell left as they are, and `-`.
  package init(_ arguments: [InputPath], options: InputOptions = InputOptions()) {
    walk = FolderWalk(
      obeysIgnoreFiles: options.obeysIgnoreFiles, environment: options.environment,
      exclusion: Exclusion(options.excluded, in: canonicalPath(.here) ?? .here))
    seen.reserveCapacity(arguments.count)
    for argument in arguments { add(argument) }
    realPaths = [:]
    latest = nil
  }

  /// The Dockerfile of the current folder, or its Containerfile; nil when there is neither.
  package static var defaultPath: InputPath? {
    for name in ["Dockerfile", "Containerfile"] {
      do throws(FileFailure) {
        _ = try fileKind(InputPath(name))
        return InputPath(name)
      } catch {
        continue
      }
    }
    return nil
  }

  private mutating func add(_ argument: InputPath) {
    guard argument != .standardInput else {
      if seen.insert(argument).inserted { inputs.append(LintInput(argument, .standardInput)) }
      return
    }
    do throws(FileFailure) {
      if try fileKind(argument) == .folder {
        search(argument)
      } else {
        addFile(argument, InputKind(named: argument.name), isNamed: true)
      }
    } catch {
      guard GlobExpansion.isPattern(argument) else {
        note(argument, .error, .unreadable(error))
        return
      }
      addMatches(of: argument)
    }
  }

  private mutating func addMatches(of pattern: InputPath) {
    guard var expansion = GlobExpansion(pattern, walk) else {
      note(pattern, .error, .tooManyAlternatives)
      return
    }
    let matches = expansion.matches()
    for (folder, failure) in expansion.failures { note(folder, .error, .unreadableFolder(failure)) }
    if matches.isEmpty { note(pattern, .error, .noMatch) }
    for match in matches {
      if match.isFolder {
        search(match.path)
      } else {
        addFile(match.path, InputKind(named: match.path.name), isNamed: true)
      }
    }
  }

  // MARK: - Folders

  /// Searches a folder and all below it, in the order of the names. Links to folders are not followed, so that it ends.
  private mutating func search(_ path: InputPath) {
    guard let real = realPath(of: path) else {
      note(path, .error, .unreadableFolder(.system(0)))
      return
    }
    /// What is still to be looked at, the next one last.
    var pending: [(step: Step, depth: Int)] = [
      (.folder(walk.start(at: path.simplified(), realPath: real)), 0)
    ]
    while let (step, depth) = pending.popLast() {
      switch step {
      case .file(let path, let identity, let kind):
        addFile(path, kind, identity: identity, isNamed: false)
      case .folder(var folder):
        do throws(FileFailure) {
          let listing = try walk.read(&folder, isStart: depth == 0, followsLink: depth == 0)
          var steps: [(Step, Int)] = []
          for entry in listing.entries {
            if entry.kind == .folder {
              guard !walk.skips(folder: entry.name, in: folder) else { continue }
              let child = folder.child(entry.name)
              guard depth < FolderWalk.maximumDepth else {
                note(child.path, .error, .tooDeep)
                continue
              }
              steps.append((.folder(child), depth + 1))
            } else if let kind = InputKind(found: entry.name, in: folder.realPath),
              walk.isOrdinaryFile(entry, in: folder), !walk.skips(file: entry.name, in: folder)
            {
              let identity = folder.realPath.appending(entry.name)
              steps.append((.file(folder.path.appending(entry.name), identity: identity, kind), depth))
            }
          }
          pending += steps.reversed()
        } catch {
          note(folder.path, .error, .unreadableFolder(error))
        }
      }
    }
  }

  private enum Step {
    case folder(WalkedFolder)
    case file(InputPath, identity: InputPath, InputKind)
  }

  // MARK: - Files

  /// - Parameter isNamed: whether the user named the file; else it was found.
  private mutating func addFile(_ path: InputPath, _ kind: InputKind, isNamed: Bool) {
    let identity = identity(of: path)
    guard !walk.exclusion.excludesWithParents(identity) else {
      if isNamed { note(path, .note, .excluded) }
      return
    }
    addFile(path, kind, identity: identity, isNamed: isNamed)
  }

  private mutating func addFile(
    _ path: InputPath, _ kind: InputKind, identity: InputPath, isNamed: Bool
  ) {
    guard seen.insert(identity).inserted else { return }
    switch kind {
    case .dockerfile:
      guard isNamed, InputKind.yamlStem(path.name) != nil, addYAML(path) else {
        inputs.append(LintInput(path, .file))
        return
      }
    case .compose, .devcontainer:
      guard let source = read(path, isNamed: isNamed) else { return }
      if kind == .compose {
        var file = ComposeFile(source, folder: path.folder)
        add(file.read(), of: path, source, isNamed: isNamed)
      } else {
        add(DevcontainerFile.read(source, folder: path.folder), of: path, source, isNamed: isNamed)
      }
    }
  }

  /// Takes a YAML file of any name that the user named for a compose file; false when it is none.
  private mutating func addYAML(_ path: InputPath) -> Bool {
    do throws(FileFailure) {
      let source = Source(
        name: path.displayName, bytes: try readFoundFile(path, followsLink: true, limit: Self.maximumSize))
      var file = ComposeFile(source, folder: path.folder)
      guard file.isCompose else { return false }
      add(file.read(), of: path, source, isNamed: true)
      return true
    } catch {
      // Whoever lints it says why it cannot be read.
      return false
    }
  }

  /// What a compose file or devcontainer.json may hold.
  private static let maximumSize = 16 << 20

  private mutating func read(_ path: InputPath, isNamed: Bool) -> Source? {
    do throws(FileFailure) {
      let bytes =
        isNamed
        ? try readFile(path) : try readFoundFile(path, followsLink: true, limit: Self.maximumSize)
      return Source(name: path.displayName, bytes: bytes)
    } catch {
      note(path, .error, .unreadable(error))
      return nil
    }
  }

  private mutating func add(
    _ named: NamedDockerfiles, of path: InputPath, _ source: Source, isNamed: Bool
  ) {
    let lines = LineIndex(source)
    let level = isNamed ? InputProblem.Level.error : .warning
    for problem in named.problems {
      note(path, level, .malformed(problem.message), lines.position(of: problem.range.lower))
    }
    for (text, range) in named.unresolved {
      note(path, .note, .variables(text), lines.position(of: range.lower))
    }
    if !named.embedded.isEmpty { inputs.append(LintInput(path, .embedded(named.embedded, outer: source))) }
    for reference in named.references {
      let shown = shortened(reference.path)
      do throws(FileFailure) {
        if try fileKind(shown) == .folder { throw FileFailure.isFolder }
        addFile(shown, reference.kind, isNamed: false)
      } catch {
        note(path, level, .missing(shown, error), lines.position(of: reference.range.lower))
      }
    }
  }

  private mutating func note(
    _ path: InputPath, _ level: InputProblem.Level, _ kind: InputProblem.Kind, _ position: Position? = nil
  ) {
    problems.append(InputProblem(path: path, position: position, level: level, kind: kind))
  }

  // MARK: - Identity

  private mutating func realPath(of folder: InputPath) -> InputPath? {
    if let latest, latest.folder == folder { return latest.real }
    let found = realPaths[folder] ?? canonicalPath(folder)
    realPaths[folder] = found
    latest = found.map { (folder, $0) }
    return found
  }

  /// What two ways to one file have in common.
  private mutating func identity(of path: InputPath) -> InputPath {
    realPath(of: path.folder)?.appending(path.name) ?? path.simplified()
  }

  /// The path without `x/..`, where that is the same folder, or where there is no such folder either way.
  private mutating func shortened(_ path: InputPath) -> InputPath {
    guard path.hasParents else { return path }
    let short = path.simplified(foldsParents: true)
    return realPath(of: path.folder) == realPath(of: short.folder) ? short : path
  }
}
