namespace Storefront.Scenes;

/// <summary>Nothing happens: how it is when all is well, the first calls of cold processes included.</summary>
internal sealed class SteadyScene(TimeSpan length) : Scene("steady", "all instances are well", length)
{
    public override async Task<Proof?> PlayAsync(Stage stage, CancellationToken cancellation)
    {
        await stage.WaitUntilAsync(stage.Clock.Elapsed + Length, cancellation);
        return null;
    }
}
