/// The file `oci-layout` (OCI image-spec, image-layout.md).
package struct LayoutMarker: Hashable, Sendable {
  /// `imageLayoutVersion`; the only one there is, is 1.0.0.
  package let version: String

  package init(decoding bytes: [UInt8]) throws(DocumentError) {
    let reader = try ObjectReader(JSONReader.read(bytes, limit: JSONReader.manifestLimit))
    version = try reader.required("imageLayoutVersion", reader.string("imageLayoutVersion"))
  }
}
