using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Tests;

/// <summary>An environment with the name that a test says.</summary>
internal sealed class StubEnvironment : IHostEnvironment
{
    public required string EnvironmentName { get; set; }

    public string ApplicationName { get; set; } = "tests";

    public string ContentRootPath { get; set; } = "/";

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
