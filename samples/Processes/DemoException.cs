namespace Samples.Processes;

/// <summary>The demo cannot go on; the message is for the person at the console.</summary>
internal sealed class DemoException(string message) : Exception(message);
