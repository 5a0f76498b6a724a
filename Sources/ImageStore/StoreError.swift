package import OCIModel

/// What the store, or an archive that is read or written, can fail with.
package enum StoreError: Error, Hashable, Sendable {
  /// A system call failed.
  case system(SystemFailure)
  /// A blob that something refers to is not there.
  case missingBlob(Digest)
  /// A blob is shorter or longer than its descriptor says.
  case sizeMismatch(Digest, expected: Int64, actual: Int64)
  /// The content is not what its digest says.
  case digestMismatch(expected: Digest, actual: Digest)
  /// A layer, uncompressed, is not what the configuration says.
  case diffIDMismatch(layer: String, expected: Digest, actual: Digest)
  /// A manifest and its configuration speak of different numbers of layers.
  case layerCountMismatch(Digest, layers: Int, diffIDs: Int)
  /// More bytes than allowed.
  case tooLarge(what: String, limit: Int64)
  /// More members, or deeper nested indexes, than allowed.
  case tooMany(what: String, limit: Int)
  /// A JSON document is wrong; `name` is its file or digest.
  case document(name: String, DocumentError)
  /// The folder holds no OCI image layout.
  case notALayout(path: [UInt8])
  /// `oci-layout` names a version that is not 1.x.
  case unsupportedLayoutVersion(String)
  /// No image of this name in the store.
  case noSuchImage(ImageReference)
  /// The image is there, but for other platforms; `available` is sorted.
  case noSuchPlatform(wanted: Platform, available: [Platform])
  /// A manifest or configuration of this type describes no container image.
  case notAnImage(MediaType)
  /// A layer of a type, or with a compression, that Slipway cannot read.
  case unsupportedLayer(String)
  /// The archive is damaged, or none that Slipway reads; the reader's words.
  case archive(path: [UInt8], message: String)
  /// The archive refers to a member that it does not hold, or that is no plain file.
  case missingMember(String)
  /// The archive gives an image a name that is no reference.
  case invalidName(String, ImageReferenceError)
  /// A name was given for an archive that holds this many images.
  case severalImages(Int)
  /// Something that is no OCI layout is in the way of an export.
  case destinationInTheWay(path: [UInt8])
  /// A file among the blobs whose name is no digest.
  case strayFile(String)
  /// Another process, or this one, is writing to the store; nothing can be collected now.
  case busy
}

/// A failed system call.
package struct SystemFailure: Error, Hashable, Sendable {
  /// The call, such as `openat`.
  package let operation: String
  /// The path it was about.
  package let path: [UInt8]
  /// The value of `errno`.
  package let code: CInt

  package init(operation: String, path: [UInt8], code: CInt) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}
