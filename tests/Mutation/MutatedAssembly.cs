using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Mesh.Mutation;

/// <summary>Has dotnet-stryker write all mutants into one assembly, and stops it before it runs them: it runs all tests for each mutant,
/// since it cannot trace which test reaches which line of these.</summary>
internal sealed partial class MutatedAssembly(string root, string work)
{
    /// <summary>Few and quick: Stryker runs the tests of the project once before it changes anything.</summary>
    private const string FewTests = "Primitives/MeshTimeTests.cs";

    private readonly string _project = Path.Combine(root, "tests", "Mesh.Client.Tests");
    private readonly string _source = Path.Combine(root, "src", "Mesh.Client");

    /// <summary>The built tests, with the mutated assembly among them.</summary>
    public string Tests { get; } = Path.Combine(work, "tests");

    /// <summary>Makes the assembly and the tests that run on it.</summary>
    /// <returns>The mutants that are in it.</returns>
    public async Task<List<Mutant>> MakeAsync()
    {
        Directory.CreateDirectory(work);
        var (mutants, injected) = await MutateAsync();
        var mutated = Path.Combine(work, "mutated.dll");
        File.Copy(injected, mutated, overwrite: true);

        // The tool keeps the original beside it, and would put it back in the end.
        File.Move(injected + ".stryker-unchanged", injected, overwrite: true);
        await RunAsync("build", "--verbosity", "quiet");
        if (Directory.Exists(Tests))
        {
            Directory.Delete(Tests, recursive: true);
        }

        Copy(Path.Combine(_project, "bin", "Debug", "net10.0"), Tests);
        File.Copy(mutated, Path.Combine(Tests, "Mesh.Client.dll"), overwrite: true);
        var present = IdsIn(mutated);

        // A block that is emptied says less than the mutants in it, and changes that do not compile were taken out again.
        mutants.RemoveAll(mutant => mutant.Mutator == "BlockMutator" || !present.Contains(mutant.Id));
        return mutants;
    }

    private async Task<(List<Mutant> Mutants, string Injected)> MutateAsync()
    {
        var info = new ProcessStartInfo("dotnet") { WorkingDirectory = _project, RedirectStandardOutput = true };
        foreach (var argument in (string[])["stryker", "--test-runner", "mtp", "--project", "Mesh.Client.csproj", "--skip-version-check",
            "--verbosity", "trace", "--output", Path.Combine(work, "stryker")])
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment["OnlyTests"] = FewTests;
        using var stryker = Process.Start(info)!;
        var mutants = new List<Mutant>();
        var (file, source, entry) = (string.Empty, string.Empty, string.Empty);
        while (true)
        {
            var line = await stryker.StandardOutput.ReadLineAsync();
            if (line is not null && !EntryStart().IsMatch(line))
            {
                entry += Environment.NewLine + line;
                continue;
            }

            if (FileEntry().Match(entry) is { Success: true } begun)
            {
                file = Path.GetRelativePath(_source, begun.Groups["file"].Value);
                source = await File.ReadAllTextAsync(begun.Groups["file"].Value);
            }
            else if (MutantEntry().Match(entry) is { Success: true } created)
            {
                var before = created.Groups["before"].Value;
                var at = source.IndexOf(before, StringComparison.Ordinal);
                mutants.Add(new Mutant(
                    int.Parse(created.Groups["id"].ValueSpan),
                    file,
                    at < 0 ? 0 : source.AsSpan(0, at).Count('\n') + 1,
                    created.Groups["mutator"].Value,
                    Spaces().Replace($"{before}  =>  {created.Groups["after"].Value}", " ")));
            }
            else if (InjectedEntry().Match(entry) is { Success: true } injected)
            {
                stryker.Kill(entireProcessTree: true);
                await stryker.WaitForExitAsync();
                return (mutants, injected.Groups["path"].Value.Trim());
            }

            entry = line ?? throw new InvalidOperationException("dotnet-stryker ended without a mutated assembly. Its last words: " + entry);
        }
    }

    private async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _project })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} has failed in {_project}.");
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>The numbers with which the assembly asks whether a mutant is active: the constants before each such call.</summary>
    private static HashSet<int> IdsIn(string assembly)
    {
        using var file = File.OpenRead(assembly);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var asking = reader.MethodDefinitions.Single(method =>
            reader.GetString(reader.GetMethodDefinition(method).Name) == "IsActive"
            && reader.GetString(reader.GetTypeDefinition(reader.GetMethodDefinition(method).GetDeclaringType()).Name) == "MutantControl");
        Span<byte> call = [0x28, 0, 0, 0, 0];
        BitConverter.TryWriteBytes(call[1..], MetadataTokens.GetToken(asking));
        var ids = new HashSet<int>();
        foreach (var method in reader.MethodDefinitions)
        {
            if (reader.GetMethodDefinition(method).RelativeVirtualAddress is var address && address == 0)
            {
                continue;
            }

            ReadOnlySpan<byte> code = image.GetMethodBody(address).GetILBytes();
            for (var at = code.IndexOf(call); at > 0;)
            {
                ids.Add(ConstantBefore(code[..at]));
                var next = code[(at + call.Length)..].IndexOf(call);
                at = next < 0 ? -1 : at + call.Length + next;
            }
        }

        return ids;
    }

    private static int ConstantBefore(ReadOnlySpan<byte> code) => code switch
    {
        [.., 0x20, _, _, _, _] => BitConverter.ToInt32(code[^4..]),
        [.., 0x1F, var small] => (sbyte)small,
        [.., var tiny] => tiny - 0x16,
        _ => -1,
    };

    [GeneratedRegex(@"^\[\d\d:\d\d:\d\d [A-Z]{3}\] ")]
    private static partial Regex EntryStart();

    [GeneratedRegex(@"^\S+ \S+ Mutating (?<file>\S+\.cs)$")]
    private static partial Regex FileEntry();

    [GeneratedRegex(
        @"^\S+ \S+ Mutant (?<id>\d+) created (?<before>.*) -> (?<after>.*) using Stryker\.Core\.Mutators\.(?<mutator>\w+)",
        RegexOptions.Singleline)]
    private static partial Regex MutantEntry();

    [GeneratedRegex(@"Injected the mutated assembly file into (?<path>.+)$")]
    private static partial Regex InjectedEntry();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
