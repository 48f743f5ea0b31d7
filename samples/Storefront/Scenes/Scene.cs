namespace Storefront.Scenes;

/// <summary>One act of the demo. It lasts its length, or longer where what it does takes longer.</summary>
internal abstract class Scene(string name, string title, TimeSpan length)
{
    /// <summary>One word or two, for tables.</summary>
    public string Name => name;

    /// <summary>What happens, in a sentence.</summary>
    public string Title => title;

    public TimeSpan Length => length;

    /// <summary>Plays the scene; returns whether its fault hit, or null where there is none.</summary>
    public abstract Task<Proof?> PlayAsync(Stage stage, CancellationToken cancellation);
}
