/// The names of the registry that docker takes where an image's name has none. They are part of docker's protocol: the
/// registry is at another host than the name says, and credentials stand under a third one.
enum DockerHub {
  /// As in an image's full name.
  static let domain = "docker.io"
  /// The host that answers.
  static let registry = "registry-1.docker.io"
  /// The host of docker's first protocol, under whose address credentials are kept.
  static let index = "index.docker.io"
  /// The key in docker's config.json.
  static let server = "https://index.docker.io/v1/"
}
