namespace Steeltoe.Discovery.HttpClients;

/// <summary>By this name the mesh knows Steeltoe's handler, which no package source of this project has.</summary>
internal sealed class DiscoveryHttpDelegatingHandler : DelegatingHandler;
