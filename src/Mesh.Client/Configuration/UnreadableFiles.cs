using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>The configuration files that were deleted, or could not be read when they changed.</summary>
/// <remarks>The runtime empties the settings of such a file; for a file that cannot be read it raises no signal. This change, or the next
/// one anywhere else, would remove all its settings, and every service with them.</remarks>
internal sealed class UnreadableFiles : IDisposable
{
    private readonly ConcurrentDictionary<FileConfigurationProvider, string> _failures = new();
    private readonly List<IDisposable> _watches = [];
    private readonly MeshConfigurationSource _source;
    private readonly Action _changed;
    private volatile bool _disposed;

    /// <param name="source">Where the mesh reads its settings from.</param>
    /// <param name="changed">Called when a file could not be read.</param>
    public UnreadableFiles(MeshConfigurationSource source, Action changed)
    {
        _source = source;
        _changed = changed;
        Watch(source.Application);
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
        var concerns = Concerns(file);
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
            if (concerns && IsGone(file))
            {
                // The file is being rewritten, or was deleted by mistake. To really remove it, restart the application.
                _failures[file] = $"The file {file.Source.Path} is gone. Its settings stay in force until it is back, or until the "
                    + "application is started again.";
                return;
            }

            // A failure to be ignored raises one signal, as a success does.
            if (!ignored)
            {
                concerns = Concerns(file);
                _failures.TryRemove(file, out _);
            }

            ignored = false;
        }));
    }

    private static bool IsGone(FileConfigurationProvider file) =>
        file.Source is { Path: { } path, FileProvider: { } files } && !files.GetFileInfo(path).Exists;

    /// <summary>Whether the file holds settings that the mesh reads: other files do not matter here.</summary>
    private bool Concerns(FileConfigurationProvider file)
    {
        if (!HasSettings(file))
        {
            return false;
        }

        // A key that the application sets in code is written into every provider, and a provider does not tell which keys are from its
        // file. So the file is read separately, by a provider of the same kind.
        try
        {
            return HasSettingsApart(file);
        }
        catch (Exception)
        {
            // The file is changing right now, or its provider cannot read it separately: keep the settings rather than lose them.
            return true;
        }
    }

    private bool HasSettings(FileConfigurationProvider file) =>
        // A provider for a section may have it under any path.
        Holds(file, _source.Mesh.Path)
        || Holds(file, SteeltoeKeys.EurekaSection)
        || file.TryGet(SteeltoeKeys.ApplicationName, out _);

    /// <summary>Whether the file itself holds such settings; true where this cannot be determined. The application's handlers for
    /// unreadable files are not run.</summary>
    private bool HasSettingsApart(FileConfigurationProvider file)
    {
        var source = file.Source;
        if (source is not { Path: { } path, FileProvider: { } files })
        {
            return true;
        }

        // Only the constructor reads this: the second provider must not watch the file.
        var follows = source.ReloadOnChange;
        source.ReloadOnChange = false;
        IConfigurationProvider built;
        try
        {
            built = source.Build(new ConfigurationBuilder());
        }
        finally
        {
            source.ReloadOnChange = follows;
        }

        if (built is not FileConfigurationProvider apart || ReferenceEquals(apart, file))
        {
            return true;
        }

        using (apart)
        {
            var content = files.GetFileInfo(path);
            if (content.Exists)
            {
                using var stream = content.CreateReadStream();
                apart.Load(stream);
            }

            return HasSettings(apart);
        }
    }

    private static bool Holds(FileConfigurationProvider file, string section) => file.GetChildKeys([], section).Any();

    private static string Explain(FileConfigurationProvider file, Exception exception) =>
        $"The file {file.Source.Path} cannot be read: {exception.GetBaseException().Message}";
}
