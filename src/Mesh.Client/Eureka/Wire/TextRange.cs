namespace Mesh.Client.Eureka.Wire;

/// <summary>The position of a text in an array of bytes.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its length; -1 for no text, as opposed to an empty one.</param>
internal readonly record struct TextRange(int Start, int Length)
{
    public static readonly TextRange None = new(0, -1);

    public bool IsNone => Length < 0;

    public ReadOnlySpan<byte> Of(byte[] bytes) => IsNone ? [] : bytes.AsSpan(Start, Length);
}
