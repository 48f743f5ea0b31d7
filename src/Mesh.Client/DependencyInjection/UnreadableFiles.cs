using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.DependencyInjection;

/// <summary>The files of the configuration that could not be read when they changed.</summary>
/// <remarks>The runtime empties the settings of such a file and signals nothing. So the next change anywhere else would take them away, and with them every service.</remarks>
internal sealed class UnreadableFiles : IDisposable
{
    private readonly ConcurrentDictionary<FileConfigurationProvider, string> _failures = new();
    private readonly List<IDisposable> _watches = [];
    private readonly Action _changed;
    private volatile bool _disposed;

    /// <param name="configuration">The application's configuration.</param>
    /// <param name="changed">Called when a file could not be read.</param>
    public UnreadableFiles(IConfiguration configuration, Action changed)
    {
        _changed = changed;
        Watch(configuration);
    }

    /// <summary>What is wrong with which file; null when all could be read.</summary>
    public string? Failure => _failures.IsEmpty ? null : string.Join(' ', _failures.Values.Order(StringComparer.Ordinal));

    public void Dispose()
    {
        _disposed = true;
        foreach (var watch in _watches)
        {
            watch.Dispose();
        }
    }

    private void Watch(IConfiguration configuration)
    {
        foreach (var provider in (configuration as IConfigurationRoot)?.Providers ?? [])
        {
            if (provider is ChainedConfigurationProvider chained)
            {
                Watch(chained.Configuration);
            }
            else if (provider is FileConfigurationProvider file)
            {
                Watch(file);
            }
        }
    }

    private void Watch(FileConfigurationProvider file)
    {
        var others = file.Source.OnLoadException;
        var ignored = false;
        file.Source.OnLoadException = context =>
        {
            others?.Invoke(context);
            if (!_disposed)
            {
                ignored = context.Ignore;
                _failures[file] = Explain(file, context.Exception);
                _changed();
            }
        };
        _watches.Add(ChangeToken.OnChange(file.GetReloadToken, () =>
        {
            // A failure that is to be ignored is signalled like a success, once.
            if (!ignored)
            {
                _failures.TryRemove(file, out _);
            }

            ignored = false;
        }));
    }

    private static string Explain(FileConfigurationProvider file, Exception exception) =>
        $"The file {file.Source.Path} cannot be read: {exception.GetBaseException().Message}";
}
