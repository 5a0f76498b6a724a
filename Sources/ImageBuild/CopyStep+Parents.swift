import DockerfileSyntax
import FileTree

// COPY --parents: the folders of a source are made in the destination.
extension CopyStep {
  /// Makes the folders above an object in the destination, as they are in the source, and tells where it goes.
  mutating func placeWithParents(_ object: CopySources.Object) throws(BuildProblem.Kind) -> BytePath {
    let top = try resolvedDestination()
    if let existing = try status(at: top), !existing.isDirectory {
      throw .destinationNotFolder(operation.destination)
    }
    let components = object.written.components
    let pivot = min(object.pivot ?? 0, components.count)
    if object.status.isDirectory, pivot == components.count { return try makeDestination() }
    let made = try makeFolders(top)
    var written = BytePath(Array(components[..<pivot].joined(separator: [.slash])))
    var place = top
    if pivot > 0, !top.isEmpty {
      // The folder before the pivot is the one whose content is copied: see finishDestination.
      let folder = try onFiles { () throws(FileError) in try source.find(written) }
      if let folder, folder.status.isDirectory, made.contains(top) {
        madeFolders[top] = newFolder(modified: folder.status.modified)
      }
    }
    for component in components[pivot...].dropLast() {
      written = written.joining(component)
      place = place.joining(component)
      guard try status(at: place) == nil else { continue }
      let folder = try onFiles { () throws(FileError) in try source.find(written) }
      _ = try makeFolders(place)
      guard let folder else { continue }
      var status = folder.status
      if let owners = source.owners { (status, _) = owners.applying(to: status, [], at: folder.path) }
      // Its time is when something was put into it: now.
      madeFolders[place] = ObjectMetadata(
        type: .directory, permissions: status.permissions,
        owner: owner ?? (source.isContext ? .root : status.owner), modified: created)
    }
    return place.joining(components.last ?? [])
  }

  /// The destination of a pattern that nothing matches: it is that of a folder of which nothing is copied.
  mutating func makeDestination(for folder: BytePath) throws(BuildProblem.Kind) {
    let found = try onFiles { () throws(FileError) in try source.find(folder) }
    guard let found else { throw .sourceNotFound(folder, isIgnored: false) }
    let path = try makeDestination()
    guard !folder.isEmpty, madeFolders[path] != nil else { return }
    madeFolders[path] = newFolder(modified: found.status.modified)
  }
}
