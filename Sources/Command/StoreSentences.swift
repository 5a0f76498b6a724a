import ImageStore
import OCIModel

/// What a failure of the store, or of an archive, means.
func storeSentence(_ error: StoreError) -> String {
  func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  switch error {
  case .system(let failure):
    return "\(text(failure.path)): \(failure.operation): \(errorText(failure.code))"
  case .missingBlob(let digest): return "\(digest) is missing"
  case .sizeMismatch(let digest, let expected, let actual):
    return "\(digest) has \(actual) bytes instead of \(expected)"
  case .digestMismatch(let expected, let actual):
    return "the content of \(expected) is not what it should be: its digest is \(actual)"
  case .diffIDMismatch(let layer, let expected, let actual):
    return "\(layer), uncompressed, has the digest \(actual) instead of \(expected)"
  case .layerCountMismatch(let digest, let layers, let diffIDs):
    return "\(digest) lists \(layers) layers, and its configuration \(diffIDs)"
  case .tooLarge(let what, let limit): return "\(what) has more than \(limit) bytes"
  case .tooMany(let what, let limit): return "there are more than \(limit) \(what)"
  case .document(let name, let error): return "\(name): \(documentSentence(error))"
  case .notALayout(let path): return "\(text(path)) is neither an OCI layout nor a docker archive"
  case .unsupportedLayoutVersion(let version): return "the OCI layout has the unknown version `\(version)`"
  case .noSuchImage(let name): return "there is no image \(name.familiarName) in the local store"
  case .noSuchPlatform(let wanted, let available):
    let list = available.map(\.description).joined(separator: ", ")
    return "the image is not for \(wanted), only for \(list.isEmpty ? "no platform at all" : list)"
  case .notAnImage(let type): return "\(type.rawValue) is no container image"
  case .unsupportedLayer(let type): return "a layer of the type \(type) cannot be read"
  case .archive(let path, let message): return "\(text(path)): \(message)"
  case .missingMember(let name): return "the archive has no file \(name)"
  case .invalidName(let name, let error):
    return "the archive's image name \(name): \(referenceSentence(error))"
  case .severalImages(let count):
    return "the archive holds \(count) images, and one name is not enough for them"
  case .destinationInTheWay(let path):
    return "\(text(path)) is in the way: a folder that is neither empty nor an OCI layout"
  case .strayFile(let name): return "\(name) does not belong among the blobs"
  case .busy: return "somebody else is writing to the store"
  }
}

/// What to do about a blob of the store that is damaged or gone.
func storeHelp(_ error: StoreError) -> String? {
  switch error {
  case .missingBlob, .sizeMismatch, .digestMismatch:
    "`slipway verify` names all that is damaged, and the images that it is in; `slipway pull` or `slipway load` brings in anew what of "
      + "an image is"
  default: nil
  }
}

/// What is wrong with the name of an image.
func referenceSentence(_ error: ImageReferenceError) -> String {
  switch error {
  case .empty, .emptyName: "the image has no name"
  case .invalidDomain(let text): "`\(text)` is no name of a registry"
  case .upperCase(let text): "`\(text)` must be in small letters"
  case .invalidPathComponent(let text):
    "`\(text)` is no part of an image name: small letters and digits, with `.`, `_`, `__` or `-` between them"
  case .invalidTag(let text): "`\(text)` is no tag"
  case .invalidDigest(let error): digestSentence(error)
  case .nameTooLong(let count): "the name has \(count) characters, and 255 are the most"
  case .looksLikeID(let text): "`\(text)` looks like an image's id, which is no name"
  }
}

/// What is wrong with a digest.
func digestSentence(_ error: DigestError) -> String {
  switch error {
  case .malformed(let text): "`\(text)` is no digest, which is `sha256:` and 64 hexadecimal digits"
  case .unsupportedAlgorithm(let algorithm, _):
    "digests of the algorithm \(algorithm) are not supported, only sha256"
  case .wrongLength(let count, _): "the digest has \(count) hexadecimal digits instead of 64"
  }
}

/// What is wrong with a JSON document of an image.
func documentSentence(_ error: DocumentError) -> String {
  switch error {
  case .syntax(let line, let column, let message): return "line \(line), column \(column): \(message)"
  case .tooLarge(let limit): return "the document has more than \(limit) bytes"
  case .tooDeep(let limit): return "the document nests deeper than \(limit) levels"
  case .outOfMemory: return "memory ran out"
  case .wrongType(let path, let expected, let found):
    return "\(path.isEmpty ? "the document" : path) is \(found) and has to be \(expected)"
  case .missing(let path): return "\(path) is missing"
  case .invalidDigest(let path, let error): return "\(path): \(digestSentence(error))"
  case .invalidValue(let path, let value): return "\(path) cannot be `\(value)`"
  }
}
