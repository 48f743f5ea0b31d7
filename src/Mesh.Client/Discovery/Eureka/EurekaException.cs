namespace Mesh.Client.Discovery.Eureka;

/// <summary>No registry server gave a usable answer. The message names each server without its credentials, and what it did.</summary>
internal sealed class EurekaException(string message, Exception? inner = null) : Exception(message, inner);
