import ImageBuild
import OCIModel

/// A verdict of the cache in words, a line for each thing that has changed.
func cacheSentences(_ verdict: CacheVerdict) -> [String] {
  switch verdict {
  case .hit: return ["hit"]
  case .refused: return ["miss: --no-cache or --no-cache-filter asks for it"]
  case .unknown: return ["miss: this step was not built before"]
  case .lost: return ["miss: nothing has changed, but the result is no longer in the cache"]
  case .changed(let changes):
    let limit = 20
    var lines = changes.prefix(limit).map { "miss: " + sentence($0) }
    if changes.count > limit { lines.append("miss: and \(changes.count - limit) more") }
    return lines
  }
}

private func sentence(_ change: CacheChange) -> String {
  let name = String(decoding: change.name, as: UTF8.self)
  let difference =
    switch change.difference {
    case .added: "is new"
    case .removed: "is gone"
    case .changed: "has changed"
    }
  return switch change.kind {
  case .format: "this version of slipway makes layers in another way"
  case .parent: "the layers below have changed"
  case .instruction: "the instruction's \(name) \(difference)"
  case .variable: "the variable \(name) \(difference)"
  case .setting: "\(name) \(difference)"
  case .document: "the here-document \(name) \(difference)"
  case .file: "the file \(name.isEmpty ? "." : name) \(difference)"
  case .remote: "what \(name) yields \(difference)"
  case .source: "the files of \(name) have changed"
  }
}

/// Why a cache mount did not go into a cache, or come out of one.
func mountTransferSentence(_ error: MountTransferError) -> String {
  switch error {
  case .unknown(let id, let known): missingMountSentence(id, known: known, in: "this build or its store")
  case .damaged(let digest): "\(digest) cannot be fetched, or is not what its digest says"
  case .store(let error): storeSentence(error)
  case .layer(let error): layerSentence(error)
  case .file(let error): fileSentence(error)
  case .cancelled: "interrupted"
  }
}

/// Says that there is no mount of an id, and which there are.
func missingMountSentence(_ id: [UInt8], known: [[UInt8]], in place: String) -> String {
  var names: [String] = []
  for id in known.map({ String(decoding: $0, as: UTF8.self) }) where !names.contains(id) { names.append(id) }
  let rest = names.isEmpty ? "and no other" : "only \(names.joined(separator: ", "))"
  return "there is no cache mount `\(String(decoding: id, as: UTF8.self))` in \(place), \(rest)"
}
