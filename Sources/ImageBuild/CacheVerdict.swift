/// Whether a step was found in the cache, and if not, why.
package enum CacheVerdict: Hashable, Sendable {
  case hit
  /// The cache was not asked.
  case refused
  /// No build of this Dockerfile has come to this step before.
  case unknown
  /// Nothing has changed: the result is in the cache no more, or the step has failed.
  case lost
  /// These have changed since the last build of this Dockerfile.
  case changed([CacheChange])
}

/// A difference to the last build.
package struct CacheChange: Hashable, Sendable {
  package enum Difference: Sendable { case added, removed, changed }

  package var kind: CacheIngredient.Kind
  package var name: [UInt8]
  package var difference: Difference
}

extension CacheReasons {
  /// What is different from what an earlier build has recorded.
  func changes(since old: CacheReasons) -> [CacheChange] {
    struct Name: Hashable {
      var kind: CacheIngredient.Kind
      var name: [UInt8]
    }
    func table(_ reasons: CacheReasons) -> [Name: [[UInt8]]] {
      Dictionary(grouping: reasons.entries) { Name(kind: $0.kind, name: $0.name) }.mapValues {
        $0.map(\.mark)
      }
    }
    let (before, now) = (table(old), table(self))
    // A step that was found by its source as a whole has not looked at the files.
    let comparesFiles =
      old.entries.contains { $0.kind == .file } || !old.entries.contains { $0.kind == .source }
    var changes: [CacheChange] = []
    for name in Set(before.keys).union(now.keys) {
      let isOfFiles =
        name.kind == .file || name.kind == .instruction && name.name.starts(with: "source ".utf8)
      if isOfFiles, !comparesFiles { continue }
      // Files tell more than the whole.
      if name.kind == .source, comparesFiles, entries.contains(where: { $0.kind == .file }) { continue }
      let (left, right) = (before[name], now[name])
      guard left != right else { continue }
      changes.append(
        CacheChange(
          kind: name.kind, name: name.name,
          difference: left == nil ? .added : right == nil ? .removed : .changed))
    }
    return changes.sorted {
      $0.kind != $1.kind
        ? $0.kind.rawValue < $1.kind.rawValue : $0.name.lexicographicallyPrecedes($1.name)
    }
  }

  /// The verdict on a step that is not in the cache. `position` is the step's in its stage.
  func verdict(after old: [CacheReasons], position: Int) -> CacheVerdict {
    // The same text at the same place; else the same text anywhere, for steps that have moved; else the place.
    let sameTitle = old.filter { $0.title == title }
    let earlier =
      old.indices.contains(position) && old[position].title == title
      ? old[position] : sameTitle.first ?? (old.indices.contains(position) ? old[position] : nil)
    guard let earlier else { return .unknown }
    let changes = changes(since: earlier)
    return changes.isEmpty ? .lost : .changed(changes)
  }
}
